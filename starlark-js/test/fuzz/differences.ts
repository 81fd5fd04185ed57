import type { Outcome } from '../peer/starlark-go.ts';

/** How one of our runs differs from the others: names as locals, names as globals, strings made of bytes. */
export type Way = 'in a function' | 'at top level' | 'with strings of bytes';

/** A difference from starlark-go that is meant. Everything else is a fault of one of the two. */
export interface KnownDifference {
  readonly name: string;
  /** Where the other behaviour is required, or why ours is better. */
  readonly reason: string;
  readonly explains: (source: string, go: Outcome, ours: Outcome, way: Way) => boolean;
}

/** The other went on where we stopped: what we had printed by then, it had printed too. */
function wentOn(other: Outcome, stopped: Outcome): boolean {
  if (stopped.error === null || !other.output.startsWith(stopped.output)) return false;
  return other.output !== stopped.output || other.error === null || other.error.line >= stopped.error.line;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'a long key is shortened in the message',
    reason: 'A key of a megabyte must not fill the report; the message shows its beginning.',
    explains: (_, go, ours) => {
      const message = ours.error?.message ?? '';
      const cut = message.indexOf('…');
      return cut > 0 && go.error?.message.startsWith(message.slice(0, cut)) === true && go.output === ours.output;
    },
  },
  {
    name: 'sets are not ordered',
    reason: 'The specification makes <, <=, > and >= of two sets an error; starlark-go compares them by inclusion.',
    explains: (_, go, ours) =>
      /^set (?:<|<=|>|>=) set not implemented$/.test(ours.error?.message ?? '') && wentOn(go, ours),
  },
  {
    name: 'a missing method is told after its arguments',
    reason: 'A method call is one step, without a bound method in between, so an argument that fails is told first.',
    explains: (_, go, ours) =>
      / has no \..* field or method/.test(go.error?.message ?? '') &&
      ours.error !== null &&
      Math.abs(ours.error.line - go.error!.line) <= 1,
  },
  {
    name: 'a repetition that gives nothing may have any count',
    reason:
      'starlark-go refuses by the count alone, though the result is empty (nothing repeated, or a negative count).',
    explains: (_, go, ours) =>
      /^repeat count -?\d+ too large$/.test(go.error?.message ?? '') && ours.output.startsWith(go.output),
  },
  {
    name: 'a dict display is filled when all of its entries are evaluated',
    reason: 'An entry that fails is told before a key that does not fit; starlark-go inserts entry by entry.',
    explains: (_, go, ours) =>
      /^(?:unhashable|duplicate key)/.test(go.error?.message ?? '') &&
      ours.error?.line !== undefined &&
      ours.output === go.output,
  },
  {
    name: 'bytes in JSON',
    reason: 'starlark-go tries to encode the methods of bytes and blames one of them; our message names the bytes.',
    explains: (_, go, ours) =>
      /in field \.elems: cannot encode/.test(go.error?.message ?? '') &&
      /cannot encode bytes/.test(ours.error?.message ?? ''),
  },
  {
    name: 'which two elements of a list without order are met first',
    reason: 'The message names the pair that the sorting algorithm compares first, and the two sort differently.',
    explains: (source, go, ours) =>
      source.includes('sorted(') && [go, ours].every(({ error }) => / not implemented$/.test(error?.message ?? '')),
  },
  {
    name: 'stripping an empty set of characters',
    reason: 'starlark-go takes "" for white space; by the specification nothing is in it, so nothing is stripped.',
    explains: (source) => /strip\((?:""|'')\)/.test(source),
  },
  {
    name: 'a very long repetition is refused',
    reason: 'One value may not be longer than the limits of the package, whatever memory there is.',
    explains: (_, go, ours) =>
      /^(?:repeat count|excessive repeat)/.test(ours.error?.message ?? '') && go.output.startsWith(ours.output),
  },
  {
    name: 'counting the empty string',
    reason: 'There is one before every unit of a string and one at the end; starlark-go counts characters there.',
    explains: (source) => /count\((?:""|'')\)/.test(source),
  },
  {
    name: 'the hash of characters beyond U+FFFF',
    reason: 'The specification asks for the hash of the UTF-16 form; starlark-go hashes such a character as one unit.',
    explains: (source) => source.includes('hash(') && /[\u{10000}-\u{10ffff}]|\\U000/u.test(source),
  },
];

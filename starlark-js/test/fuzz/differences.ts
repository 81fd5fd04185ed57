import type { Outcome } from '../peer/starlark-go.ts';
import { isSame, isSameBut, runOurs, stoppedTogether, type Way, wentOn } from './outcomes.ts';

/** A difference from starlark-go that is meant. Everything else is a fault of one of the two. */
export interface KnownDifference {
  readonly name: string;
  /** Where the other behaviour is required, or why ours is better. */
  readonly reason: string;
  /** Whether this, and nothing else, is what sets the two outcomes apart. */
  readonly explains: (source: string, go: Outcome, ours: Outcome, way: Way) => boolean;
}

/** What `hash` is in starlark-go. */
const HASH_OF_CHARACTERS = `def hash_of_characters(s):
    h = 0
    for point in s.codepoint_ords():
        h = (31 * h + point) & 0xffffffff
    return h - (1 << 32) if h >= 1 << 31 else h
`;
const STRIP_NOTHING = /strip\((?:""|'')\)/g;

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'a long key is shortened in the message',
    reason: 'A key of a megabyte must not fill the report; the message shows its beginning.',
    explains: (_, go, ours) => {
      const message = ours.error?.message ?? '';
      const cut = message.indexOf('…');
      return cut > 0 && go.error?.message.startsWith(message.slice(0, cut)) === true && stoppedTogether(go, ours);
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
    explains: (source, go, ours) => {
      const missing = / has no \.(\w+) field or method/.exec(go.error?.message ?? '')?.[1];
      return missing !== undefined && stoppedTogether(go, ours) && isInArguments(source, missing, ours);
    },
  },
  {
    name: 'a repetition that gives nothing may have any count',
    reason:
      'starlark-go refuses by the count alone, though the result is empty (nothing repeated, or a negative count).',
    explains: (_, go, ours) => /^repeat count -?\d+ too large$/.test(go.error?.message ?? '') && wentOn(ours, go),
  },
  {
    name: "an int beyond the machine's bounds a slice, an index or a shift",
    reason: 'The specification knows one kind of int; starlark-go refuses those of more than 32 or 64 bits here.',
    explains: (_, go, ours) => /-?\d{10,} out of range/.test(go.error?.message ?? '') && wentOn(ours, go),
  },
  {
    name: 'a key that cannot be hashed is looked up',
    reason: 'It is an error wherever a key is asked for; starlark-go overlooks it after `in` and in an empty dict.',
    explains: (source, go, ours) =>
      /^unhashable/.test(ours.error?.message ?? '') &&
      / in |\.(?:get|pop|setdefault|discard|remove|issubset)\(/.test(source.split('\n')[ours.error!.line - 1]!) &&
      wentOn(go, ours),
  },
  {
    name: 'the elements of bytes have a length and indices',
    reason: 'They are a sequence as those of a string, which starlark-go allows to be asked for both.',
    explains: (_, go, ours) =>
      /^(?:unhandled index operation bytes\.elems\[int\]|len: value of type bytes\.elems has no len)$/.test(
        go.error?.message ?? '',
      ) && wentOn(ours, go),
  },
  {
    name: 'an element of bytes is an int',
    reason: 'The specification says so; starlark-go gives bytes of length one.',
    explains: (source, go, ours) =>
      /= \(b"[^"]*"\)\[/.test(source) && /^bytes .*\n/.test(go.output) && /^int \d+\n/.test(ours.output),
  },
  {
    name: 'an empty slice of a range keeps its bounds',
    reason:
      'As in Python, where the slice of a range is told by its start, stop and step; starlark-go moves the start.',
    explains: (_, go, ours) =>
      go.output !== ours.output &&
      withoutEmptyRanges(go.output) === withoutEmptyRanges(ours.output) &&
      go.error?.line === ours.error?.line,
  },
  {
    name: 'a set is updated with itself',
    reason: 'Nothing is inserted, so nothing is refused; starlark-go refuses what might insert while it reads the set.',
    explains: (source, go, ours) =>
      /x\.update\(.*\bx\b/.test(source) &&
      go.error?.message === 'update: cannot insert into hash table during iteration' &&
      wentOn(ours, go),
  },
  {
    name: 'a float in a range',
    reason: 'A range holds ints, to which an integral float is equal; starlark-go cuts a float down to an int.',
    explains: (source, go, ours) =>
      /\((?:-?\d+\.\d+|1e20|float\("\w+"\))\) (?:not )?in \(range/.test(source) &&
      (wentOn(ours, go) || isSameBut(/True|False/g, go, ours)),
  },
  {
    name: 'no key function',
    reason: 'None is the default of the parameter, so it may be said; starlark-go wants a function of who says it.',
    explains: (_, go, ours) =>
      /^\w+: for parameter "?key"?: got NoneType, want callable$/.test(go.error?.message ?? '') && wentOn(ours, go),
  },
  {
    name: 'methods of sets take several iterables',
    reason: 'The specification gives them any number of arguments, starlark-go one.',
    explains: (_, go, ours) =>
      /^(?:difference|intersection|union): got \d arguments, want at most 1$/.test(go.error?.message ?? '') &&
      wentOn(ours, go),
  },
  {
    name: 'bytes in JSON',
    reason: 'starlark-go tries to encode the methods of bytes and blames one of them; our message names the bytes.',
    explains: (_, go, ours) =>
      /in field \.elems: cannot encode/.test(go.error?.message ?? '') &&
      /cannot encode bytes/.test(ours.error?.message ?? '') &&
      stoppedTogether(go, ours),
  },
  {
    name: 'which two elements of a list without order are met first',
    reason: 'The message names the pair that the sorting algorithm compares first, and the two sort differently.',
    explains: (source, go, ours) =>
      source.includes('sorted(') &&
      [go, ours].every(({ error }) => / not implemented$/.test(error?.message ?? '')) &&
      stoppedTogether(go, ours),
  },
  {
    name: 'stripping an empty set of characters',
    reason: 'starlark-go takes "" for white space; by the specification nothing is in it, so nothing is stripped.',
    explains: (source, go, _, way) => {
      const asOther = source.replaceAll(STRIP_NOTHING, 'strip()');
      return asOther !== source && isSame(go, runOurs(asOther, way));
    },
  },
  {
    name: 'a very long repetition is refused',
    reason: 'One value may not be longer than the limits of the package, whatever memory there is.',
    explains: (_, go, ours) => /^(?:repeat count|excessive repeat)/.test(ours.error?.message ?? '') && wentOn(go, ours),
  },
  {
    name: 'the hash of characters beyond U+FFFF',
    reason: 'The specification asks for the hash of the UTF-16 form; starlark-go hashes such a character as one unit.',
    explains: (source, go, _, way) =>
      source.includes('hash(') &&
      /[\u{10000}-\u{10ffff}]|\\U000/u.test(source) &&
      isSame(go, runBelow(HASH_OF_CHARACTERS, source.replaceAll('hash(', 'hash_of_characters('), way)),
  },
  {
    name: 'a list that contains itself is compared with itself',
    reason: 'Whatever is the same value is equal to itself; starlark-go goes down until it gives up.',
    explains: (_, go, ours) => go.error?.message === 'comparison exceeded maximum recursion depth' && wentOn(ours, go),
  },
];

/** Runs the program below some definitions; its lines are counted without them. */
function runBelow(definitions: string, source: string, way: Way): Outcome {
  const { output, error } = runOurs(definitions + source, way);
  return { output, error: error && { ...error, line: error.line - definitions.split('\n').length + 1 } };
}

/** The text with every range that has no elements written as one and the same. */
function withoutEmptyRanges(text: string): string {
  return text.replaceAll(
    /range\((-?\d+), (-?\d+)(?:, (-?\d+))?\)/g,
    (range, start: string, stop: string, step = '1') =>
      (Number(stop) - Number(start)) * Number(step) <= 0 ? 'empty range' : range,
  );
}

/** Whether our error lies among the arguments of a call of the method. A statement of a program is one line. */
function isInArguments(source: string, method: string, { error }: Outcome): boolean {
  if (error === null) return false;
  const line = source.split('\n')[error.line - 1]!;
  const calls = [...line.matchAll(new RegExp(`\\.${method}\\(`, 'g'))];
  return calls.some((call) => {
    const open = call.index + call[0].length;
    return error.column > open && error.column <= endOfArguments(line, open);
  });
}

function endOfArguments(line: string, open: number): number {
  let depth = 1;
  for (const token of line.slice(open).matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]/g)) {
    if (token[0] === '(') depth++;
    else if (token[0] === ')' && --depth === 0) return open + token.index;
  }
  return line.length;
}

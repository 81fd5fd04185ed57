import type { Call, Def } from '../syntax/ast.ts';

/** What fills one parameter of a function that is called directly. Indices count the arguments of the call. */
export type Slot =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'default' }
  | { readonly kind: 'args'; readonly indices: readonly number[] }
  | { readonly kind: 'kwargs'; readonly entries: readonly { readonly name: string; readonly index: number }[] };

export interface Match {
  /** One per parameter, the bare `*` left out. */
  readonly slots: readonly Slot[];
  /** The arguments in the order in which the slots use them. */
  readonly order: readonly number[];
}

/** Binds the arguments of a call to a known function before anything runs; null when they do not fit, or are spread. */
export function matchArguments(def: Def, call: Call): Match | null {
  const parameters = def.parameters.filter((parameter) => parameter.kind !== 'KeywordOnlyMarker');
  const firstStarred = def.parameters.findIndex((parameter) => parameter.kind !== 'Parameter');
  const places = firstStarred < 0 ? parameters.length : firstStarred;
  const slots: (Slot | null)[] = parameters.map(() => null);
  const extra: number[] = [];
  const entries: { name: string; index: number }[] = [];
  const args = parameters.findIndex((parameter) => parameter.kind === 'ArgsParameter');
  const kwargs = parameters.findIndex((parameter) => parameter.kind === 'KwargsParameter');
  for (const [index, argument] of call.arguments.entries()) {
    if (argument.kind === 'Positional') {
      if (index < places) slots[index] = { kind: 'argument', index };
      else if (args >= 0) extra.push(index);
      else return null;
    } else if (argument.kind === 'Named') {
      const { name } = argument.name;
      const place = parameters.findIndex((parameter) => parameter.kind === 'Parameter' && parameter.name.name === name);
      if (place >= 0) {
        if (slots[place] !== null) return null;
        slots[place] = { kind: 'argument', index };
      } else if (kwargs >= 0) entries.push({ name, index });
      else return null;
    } else return null;
  }
  if (args >= 0) slots[args] = { kind: 'args', indices: extra };
  if (kwargs >= 0) slots[kwargs] = { kind: 'kwargs', entries };
  const filled: Slot[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const slot = slots[index]!;
    if (slot !== null) filled.push(slot);
    else if (parameter.kind === 'Parameter' && parameter.default !== null) filled.push({ kind: 'default' });
    else return null;
  }
  const order = filled.flatMap((slot) => {
    if (slot.kind === 'argument') return [slot.index];
    if (slot.kind === 'args') return slot.indices;
    return slot.kind === 'kwargs' ? slot.entries.map(({ index }) => index) : [];
  });
  return { slots: filled, order };
}

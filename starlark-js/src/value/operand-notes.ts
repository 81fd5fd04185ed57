import { isInt } from './float.ts';
import { shortRepr } from './repr.ts';
import type { Value } from './value.ts';

/** The notes of an operator's type error: both values, and what to write instead where that is known. */
export function operandNotes(a: Value, b: Value, advice?: string): string[] {
  const notes = [`left operand: ${shortRepr(a)}`, `right operand: ${shortRepr(b)}`];
  if (advice !== undefined) notes.push(advice);
  else if (a === null || b === null)
    notes.push(
      'None comes from a function that returns nothing, and from a get of what is not there: give it a default, as in get(key, 0).',
    );
  return notes;
}

/** What an author who wrote `a + b` with a string on one side most likely meant. */
export function concatenationAdvice(a: Value, b: Value): string | undefined {
  if (typeof a === 'string' && isPlain(b)) return 'Convert the right operand with str(x), or format it: "%s" % x.';
  if (typeof b === 'string' && isPlain(a)) return 'Convert the left operand with str(x), or the string with int(x).';
  return undefined;
}

function isPlain(v: Value): boolean {
  return v === null || typeof v === 'boolean' || typeof v === 'number' || isInt(v);
}

import { StarlarkError } from '../errors.ts';
import { compareFloats, StarlarkFloat } from './float.ts';
import { maxNesting } from './limits.ts';
import type { Relation } from './object.ts';
import { operandNotes } from './operand-notes.ts';
import { compareStrings } from './string-order.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** `a == b`. */
export function equals(a: Value, b: Value): boolean {
  return a === b || (typeof a === 'object' || typeof b === 'object' ? equalAt(a, b, maxNesting) : false);
}

/** Equality of values inside of `maxNesting - depth` open containers. */
export function equalAt(a: Value, b: Value, depth: number): boolean {
  if (a === b) return true;
  if (typeof a !== 'object') {
    // Ints equal to a raw float do not exist, and equal ints have one representation: only a boxed float is left.
    return b instanceof StarlarkFloat && equalsFloat(a, b);
  }
  if (a === null || b === null) return false;
  if (typeof b !== 'object') {
    return a instanceof StarlarkFloat && equalsFloat(b, a);
  }
  if (a instanceof StarlarkFloat) return b instanceof StarlarkFloat && compareFloats(a.value, b.value) === 0;
  if (a.type !== b.type) return false;
  if (depth === 0) throw tooDeep();
  return a.equalTo(b, depth - 1);
}

function equalsFloat(int: Value, float: StarlarkFloat): boolean {
  if (typeof int === 'number') return int === float.value;
  return typeof int === 'bigint' && int <= float.value && int >= float.value;
}

export function lessThan(a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return relateAt('<', a, b, maxNesting);
}

export function lessEqual(a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b;
  return relateAt('<=', a, b, maxNesting);
}

export function greaterThan(a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a > b;
  return relateAt('>', a, b, maxNesting);
}

export function greaterEqual(a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a >= b;
  return relateAt('>=', a, b, maxNesting);
}

/** Whether `a RELATION b` holds, inside of `maxNesting - depth` open containers. */
export function relateAt(relation: Relation, a: Value, b: Value, depth: number): boolean {
  if (typeof a === 'string') {
    if (typeof b === 'string') return holds(relation, compareStrings(a, b));
  } else if (typeof a === 'boolean') {
    if (typeof b === 'boolean') return holds(relation, Number(a) - Number(b));
  } else if (typeof a === 'number' || typeof a === 'bigint' || a instanceof StarlarkFloat) {
    if (typeof b === 'number' || typeof b === 'bigint' || b instanceof StarlarkFloat)
      return holds(relation, compareNumbers(a, b));
  } else if (a !== null && b !== null && typeof b === 'object' && a.type === b.type) {
    if (depth === 0) throw tooDeep();
    const result = a.relate(relation, b, depth - 1);
    if (result !== undefined) return result;
  }
  throw new StarlarkError(
    'TYPE',
    `${typeName(a)} ${relation} ${typeName(b)} not implemented`,
    operandNotes(a, b, 'Only values of one type, or an int and a float, have an order.'),
  );
}

/** Turns a three-way result into a truth value. */
export function holds(relation: Relation, order: number): boolean {
  switch (relation) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

type Numeric = number | bigint | StarlarkFloat;

/** Exact order of ints and floats: JavaScript compares a bigint with a number without rounding. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  const x = typeof a === 'object' ? a.value : a;
  const y = typeof b === 'object' ? b.value : b;
  if (x < y) return -1;
  if (x > y) return 1;
  // Equal, or at least one of them is nan, which comes last.
  return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
}

function tooDeep(): StarlarkError {
  return new StarlarkError('NESTING', `comparison exceeded maximum recursion depth`, [
    `The values are nested more than ${maxNesting} levels deep.`,
  ]);
}

import { StarlarkError } from '../errors.ts';
import type { BinaryOperator } from './object.ts';
import { concatenationAdvice, operandNotes } from './operand-notes.ts';
import { shortRepr } from './repr.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** `a OPERATOR b` for operands that no built-in type takes: a host value may, anything else is an error. */
export function binaryOther(operator: BinaryOperator, a: Value, b: Value): Value {
  if (typeof a === 'object' && a !== null) {
    const result = a.binary(operator, b, true);
    if (result !== undefined) return result;
  }
  if (typeof b === 'object' && b !== null) {
    const result = b.binary(operator, a, false);
    if (result !== undefined) return result;
  }
  const advice = operator === '+' ? concatenationAdvice(a, b) : undefined;
  throw new StarlarkError(
    'TYPE',
    `unknown binary op: ${typeName(a)} ${operator} ${typeName(b)}`,
    operandNotes(a, b, advice),
  );
}

export function unknownUnary(operator: '-' | '+' | '~', v: Value): Value {
  if (typeof v === 'object' && v !== null) {
    const result = v.unary(operator);
    if (result !== undefined) return result;
  }
  throw new StarlarkError('TYPE', `unknown unary op: ${operator} ${typeName(v)}`, [`operand: ${shortRepr(v)}`]);
}

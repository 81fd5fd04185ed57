import { StarlarkError } from '../../errors.ts';
import { StarlarkFloat } from '../../value/float.ts';
import { typeName } from '../../value/type-name.ts';
import type { Value } from '../../value/value.ts';

/** The number that a float, boxed or not, or an int stands for. */
export function toDouble(v: Value): number {
  if (typeof v === 'number') return v;
  if (v instanceof StarlarkFloat) return v.value;
  if (typeof v === 'bigint') {
    const x = Number(v);
    if (x - x === 0) return x;
    throw new StarlarkError('OVERFLOW', 'int too large to convert to float');
  }
  throw new StarlarkError('TYPE', `got ${typeName(v)} from an operation on floats, want float`, [
    'A value of the host computes with floats in a way of its own, which this program was compiled without knowing of.',
  ]);
}

/** `a % b` of floats: the result has the sign of `b`. */
export function floatModulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

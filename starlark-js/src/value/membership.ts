import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { includesBytes, StarlarkBytes } from './bytes.ts';
import { equalAt } from './compare.ts';
import { StarlarkDict } from './dict.ts';
import { isInt, StarlarkFloat } from './float.ts';
import { maxNesting } from './limits.ts';
import { StarlarkList } from './list.ts';
import { binaryOther } from './operators.ts';
import { StarlarkRange } from './range.ts';
import { StarlarkSet } from './set.ts';
import { StarlarkTuple } from './tuple.ts';
import { truth, typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** `x in container`. */
export function contains(container: Value, x: Value): boolean {
  if (container instanceof StarlarkDict || container instanceof StarlarkSet) return container.has(x);
  if (typeof container === 'string') {
    if (typeof x === 'string') return includesText(container, x);
    throw new StarlarkError('TYPE', `'in <string>' requires string as left operand, not ${typeName(x)}`);
  }
  if (container instanceof StarlarkList || container instanceof StarlarkTuple) return indexOf(container.items, x) >= 0;
  if (container instanceof StarlarkRange) {
    if (typeof x === 'number') return container.has(x);
    if (typeof x === 'bigint') return false;
    if (x instanceof StarlarkFloat) return container.has(x.value);
    throw new StarlarkError('TYPE', `'in <range>' requires integer as left operand, not ${typeName(x)}`);
  }
  if (container instanceof StarlarkBytes) return bytesContain(container.data, x);
  return truth(binaryOther('in', x, container));
}

function includesText(s: string, part: string): boolean {
  const at = s.indexOf(part);
  if (s.length > 1024) tick((at < 0 ? s.length : at) >> 6);
  return at >= 0;
}

/** The first position of a value equal to `x`, or -1. */
export function indexOf(items: readonly Value[], x: Value, from = 0, to: number = items.length): number {
  tick((to - from) >> 3);
  if (typeof x === 'string' || typeof x === 'boolean' || x === null) {
    const at = items.indexOf(x, from);
    return at < to ? at : -1;
  }
  for (let i = from; i < to; i++) {
    const item = items[i]!;
    if (item === x) return i;
    if ((typeof x === 'object' || item instanceof StarlarkFloat) && equalAt(item, x, maxNesting)) return i;
  }
  return -1;
}

function bytesContain(data: Uint8Array, x: Value): boolean {
  if (x instanceof StarlarkBytes) return includesBytes(data, x.data);
  if (!isInt(x))
    throw new StarlarkError('TYPE', `'in bytes' requires bytes or int as left operand, not ${typeName(x)}`);
  if (x < 0 || x > 255)
    throw new StarlarkError('VALUE', `int in bytes: ${x} out of range (want value in unsigned 8-bit range)`);
  return data.includes(Number(x));
}

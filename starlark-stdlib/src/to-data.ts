import { StarlarkError, toJs, type Value } from 'starlark-js';
import type { Data } from './effects.ts';

/**
 * JSON data of a value: what crosses the wire. Integers beyond 2^53 become text, sets lists, and bytes base64; a function, a
 * float that is no number, or a dict with other than text for keys is an error that names its place in `what`.
 */
export function toData(value: Value, what: string): Data {
  let plain: unknown;
  try {
    plain = toJs(value);
  } catch (error) {
    if (!(error instanceof StarlarkError) || error.code !== 'CONVERT') throw error;
    throw new StarlarkError('CONVERT', `${what}: ${error.message.replace(' to JavaScript', ' to JSON')}`, error.notes, {
      cause: error,
    });
  }
  return dataOf(plain, what);
}

function dataOf(plain: unknown, place: string): Data {
  switch (typeof plain) {
    case 'boolean':
    case 'string':
      return plain;
    case 'number':
      if (Number.isFinite(plain)) return plain;
      throw new StarlarkError('CONVERT', `${place} is ${String(plain)}, which JSON cannot hold`);
    case 'bigint':
      return String(plain);
    default:
      if (plain === null || plain === undefined) return null;
      if (plain instanceof Uint8Array) return Buffer.from(plain).toString('base64');
      if (plain instanceof Set) return [...plain].map((item, index) => dataOf(item, `${place}[${index}]`));
      if (Array.isArray(plain)) return plain.map((item, index) => dataOf(item, `${place}[${index}]`));
      return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, dataOf(item, `${place}.${key}`)]));
  }
}

import type { Value } from './value.ts';

/**
 * What `type(v)` gives.
 *
 * @example
 * typeName('a'); // 'string'
 */
export function typeName(v: Value): string {
  switch (typeof v) {
    case 'string':
      return 'string';
    case 'number':
      return v === Math.trunc(v) ? 'int' : 'float';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    default:
      return v === null ? 'NoneType' : v.type;
  }
}

/** What `bool(v)` gives. */
export function truth(v: Value): boolean {
  if (typeof v === 'boolean') return v;
  if (typeof v === 'object') return v?.truth() ?? false;
  if (typeof v === 'string') return v !== '';
  return v !== 0; // A bigint is never zero: it is normalised.
}

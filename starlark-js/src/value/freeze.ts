import type { Value } from './value.ts';

/** Makes a value and everything it holds immutable. Works on data of any depth. */
export function freeze(v: Value): void {
  if (typeof v !== 'object' || v === null) return;
  const pending: Value[] = [v];
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    if (typeof next === 'object' && next !== null) next.freeze(pending);
}

import { StarlarkList } from './list.ts';
import type { StarlarkObject } from './object.ts';
import { Table } from './table.ts';
import type { Value } from './value.ts';

/**
 * Makes a value and everything it holds immutable. Works on data of any depth.
 *
 * @example
 * const inner = new StarlarkList([1]);
 * freeze(new StarlarkList([inner]));
 * try {
 *   inner.checkMutable('append to');
 * } catch (error) {
 *   if (error instanceof StarlarkError) console.error(error.message); // cannot append to frozen list
 * }
 */
export function freeze(v: Value): void {
  if (typeof v !== 'object' || v === null) return;
  const pending: Value[] = [v];
  // Lists and tables know that they are frozen; anything else may be reached many times through shared data.
  const seen: Set<StarlarkObject> = new Set();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!(next instanceof StarlarkList || next instanceof Table)) {
      if (seen.has(next)) continue;
      seen.add(next);
    }
    next.freeze(pending);
  }
}

import type { Binding } from '../resolve/binding.ts';
import { type Type, unionOf } from './types.ts';

/** What is known of a variable at one point: its type, and whether every path to here has assigned it. */
export interface Known {
  readonly type: Type;
  readonly isDefinite: boolean;
}

/** The variables that some path to this point has assigned. */
export type State = ReadonlyMap<Binding, Known>;

export function copy(state: State | null): Map<Binding, Known> | null {
  return state === null ? null : new Map(state);
}

/** What holds after either of two paths; null stands for a path that does not get here. */
export function merge(a: Map<Binding, Known> | null, b: Map<Binding, Known> | null): Map<Binding, Known> | null {
  if (a === null) return b;
  if (b === null || a === b) return a;
  const merged = new Map<Binding, Known>();
  for (const [binding, known] of a) {
    const other = b.get(binding);
    merged.set(
      binding,
      other === undefined
        ? { type: known.type, isDefinite: false }
        : known === other
          ? known
          : { type: unionOf([known.type, other.type]), isDefinite: known.isDefinite && other.isDefinite },
    );
  }
  for (const [binding, known] of b) if (!a.has(binding)) merged.set(binding, { type: known.type, isDefinite: false });
  return merged;
}

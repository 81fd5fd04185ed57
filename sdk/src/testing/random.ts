/** Numbers that a seed repeats, for tests that try what nobody thought of. */
export interface Random {
  readonly seed: number;
  /** From 0 up to but not including `end`, whole. */
  below(end: number): number;
  pick<T>(options: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

/**
 * Makes a {@link Random}. The seed is the same in every run, so that a test fails by a change of the code and not by the
 * hour, unless `CLAY_SEED` names another; a failing test prints it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { createRandom } from '@clay/sdk/testing';
 *
 * assert.equal(createRandom(7).below(100), createRandom(7).below(100));
 * ```
 */
export function createRandom(seed: number = Number(process.env.CLAY_SEED ?? 1)): Random {
  let state = seed >>> 0;
  // Mulberry32: small, and good enough to wander everywhere.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    seed,
    below: (end) => Math.floor((next() / 2 ** 32) * end),
    pick(options) {
      return options[Math.floor((next() / 2 ** 32) * options.length)]!;
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 255),
  };
}

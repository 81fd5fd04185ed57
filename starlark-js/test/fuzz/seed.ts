/**
 * The seed of every randomised test. It is the same in each run, so that a test which passed fails by a change of the
 * code alone and never by the hour; `FUZZ_SEED` explores another stretch, and `npm run fuzz` takes one from the clock.
 */
export function readSeed(environment: NodeJS.ProcessEnv = process.env): number {
  const told = environment.FUZZ_SEED;
  if (told === undefined) return 1;
  const seed = Number(told);
  if (told === '' || !Number.isInteger(seed) || seed < 0) {
    throw new RangeError(`FUZZ_SEED takes a non-negative integer, got "${told}"`);
  }
  return seed;
}

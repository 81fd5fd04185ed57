import type { Outcome } from '../peer/starlark-go.ts';
import { generateCall } from './calls.ts';
import { isSame, stoppedTogether } from './outcomes.ts';
import { generate, type Program } from './statements.ts';

/** One kind of random programs, and what both implementations must have in common after them. */
export interface Family {
  readonly generate: (seed: number) => Program;
  readonly isSame: (go: Outcome, ours: Outcome) => boolean;
}

/** Programs of a dozen statements. In one of four strings hold text beyond ASCII, and both count it in bytes. */
export const PROGRAMS: Family = {
  generate: (seed) => generate(seed, { isWide: seed % 4 === 3 }),
  isSame,
};

/** Single calls. Of several things that are wrong with one, each implementation may name another. */
export const CALLS: Family = {
  generate: generateCall,
  isSame: (go, ours) => (go.error !== null && ours.error !== null ? stoppedTogether(go, ours) : isSame(go, ours)),
};

import type { Outcome } from '../peer/starlark-go.ts';

/** A difference from starlark-go that is meant. Everything else is a fault of one of the two. */
export interface KnownDifference {
  readonly name: string;
  /** Where the other behaviour is required, or why ours is better. */
  readonly reason: string;
  readonly explains: (source: string, go: Outcome, ours: Outcome) => boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];

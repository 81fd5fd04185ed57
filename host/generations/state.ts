/** The states of a generation (DESIGN, Generations) and the ways between them. The one table. */
export const generationTransitions = {
  built: ['staged', 'rejected'],
  staged: ['probation', 'rejected', 'stopped'],
  // Back to staged: a newer one is tried before this one is through, and it stands by.
  probation: ['committed', 'staged', 'draining', 'rolled-back', 'crashed'],
  committed: ['draining', 'crashed', 'rolled-back'],
  draining: ['stopped', 'crashed'],
  crashed: ['staged', 'quarantined', 'stopped'],
  'rolled-back': ['draining', 'quarantined', 'stopped'],
  rejected: ['quarantined'],
  quarantined: [],
  stopped: [],
} as const satisfies Record<string, readonly string[]>;

export type GenerationState = keyof typeof generationTransitions;

/** The states in which the router sends calls to a generation. */
export function takesCalls(state: GenerationState): boolean {
  return state === 'probation' || state === 'committed';
}

export function canMove(from: GenerationState, to: GenerationState): boolean {
  return (generationTransitions[from] as readonly GenerationState[]).includes(to);
}

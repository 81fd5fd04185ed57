/** The usual constant: how much less a second place is worth than a first. */
const flatness = 60;

/**
 * Fuses rankings by reciprocal rank: a score of one kind says nothing beside one of another kind, but a place does.
 *
 * @param rankings the best first
 */
export function fuseRankings(rankings: readonly (readonly number[])[]): readonly number[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings) {
    for (const [place, id] of ranking.entries()) scores.set(id, (scores.get(id) ?? 0) + 1 / (flatness + place + 1));
  }
  return [...scores].sort(([, a], [, b]) => b - a).map(([id]) => id);
}

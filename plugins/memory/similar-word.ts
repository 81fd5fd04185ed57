/** Shorter parts stand in too many words. */
const minHalfLength = 4;
/** Words shorter than this have too many neighbours. */
export const minFuzzyLength = 2 * minHalfLength - 1;

/** Parts of a word that survive one slip of the pen: a slip falls into one half and leaves the other. */
export function halvesOf(word: string): readonly string[] {
  const middle = Math.ceil(word.length / 2);
  return [word.slice(0, middle), word.slice(middle)].filter((half) => half.length >= minHalfLength);
}

/** Whether one letter was changed, left out, added or swapped with its neighbour, at most. */
export function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const [restA, restB] = [a.slice(start, endA), b.slice(start, endB)];
  if (restA.length <= 1 && restB.length <= 1) return true;
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}

/** Edit distance that gives up above `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + change);
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    previous = row;
  }
  return previous[b.length]!;
}

/**
 * The name that was probably meant, or null when none is near enough.
 *
 * @example
 * nearest('lenght', ['length', 'width']); // 'length'
 */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const wanted = name.toLowerCase().replaceAll('_', '');
  let limit = Math.min(3, Math.floor((wanted.length + 1) / 3));
  let found: string | null = null;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const cost = distance(wanted, candidate.toLowerCase().replaceAll('_', ''), limit);
    if (cost > limit || (cost === limit && found !== null)) continue;
    found = candidate;
    limit = cost;
  }
  return found;
}

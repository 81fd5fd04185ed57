const firstMs = 500;
const longestMs = 15_000;

/** How long to wait after this many failures in a row: half a second, doubled up to 15 s. */
export function backoffMs(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 10));
}

/** How many lines the original looked at. */
const lines = 10;
const mark = '# DESCRIPTION:';

/** What the first lines of a file say it does, by the original's rule; null when they do not. */
export function descriptionOf(source: string): string | null {
  const line = source
    .split('\n', lines)
    .map((text) => text.trim())
    .find((text) => text.startsWith(mark));
  return line === undefined ? null : line.slice(mark.length).trim();
}

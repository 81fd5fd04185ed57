/** Half a window: a newline or space is looked for in the second half only, so that no part becomes tiny. */
const searchedShare = 0.5;

/**
 * Splits a text into pieces of at most `limit` UTF-16 units, at the ends of lines or words where there are any, never inside
 * a grapheme. Joined, the pieces are the text.
 */
export function splitText(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const end = findEnd(rest, limit);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return rest === '' ? pieces : [...pieces, rest];
}

function findEnd(text: string, limit: number): number {
  const window = text.slice(0, limit);
  for (const mark of ['\n', ' ']) {
    const found = window.lastIndexOf(mark);
    if (found >= limit * searchedShare) return found + 1;
  }
  return lastGraphemeEnd(text, limit);
}

function lastGraphemeEnd(text: string, limit: number): number {
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  // The grapheme that straddles the limit ends within this many units, or is longer than any real one.
  const { index } = graphemes.segment(text.slice(0, limit + 64)).containing(limit) ?? { index: limit };
  return index > 0 ? index : limit;
}

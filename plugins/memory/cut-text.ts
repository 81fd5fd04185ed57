/** A grapheme of more code units than this is cut like any text. */
const longestGrapheme = 64;

/** At most `limit` code units of a text, with an ellipsis where it was cut; an emoji or an accented letter is never cut in two. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const from = Math.max(0, limit - longestGrapheme);
  // Segmentation may start within a grapheme, so the first segment is taken as it is.
  let end = from;
  for (const { index, segment } of segmenter.segment(text.slice(from, limit + longestGrapheme))) {
    const next = from + index + segment.length;
    if (next > limit) break;
    end = next;
  }
  if (end === 0) end = limit;
  const last = text.charCodeAt(end - 1);
  const isHalfPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, isHalfPair ? end - 1 : end)}…`;
}

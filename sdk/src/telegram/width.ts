/** Characters that a fixed-width font draws two columns wide: East Asian scripts and emoji. */
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;
const none = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Columns that a text takes in a fixed-width font. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  // Made when it is needed: it loads megabytes of Unicode's tables into an idle process.
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += none.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return columns;
}

/** Control characters, direction overrides and the tag characters that spell hidden text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are to go.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** Words of a server that stand where no mark can, such as a tool's description: seen by everybody, and bounded. */
export function cleanText(text: string, maxChars: number): string {
  const clean = text.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(unseen, '').trim();
  return clean.length <= maxChars ? clean : `${clean.slice(0, maxChars - 1).toWellFormed()}…`;
}

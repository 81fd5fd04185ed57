/**
 * A string literal as it is written, in double quotes where that needs no new escapes. Line ends inside it become line
 * feeds, which is what they mean. F-strings are left alone: their quotes may stand inside expressions.
 */
export function styledString(written: string): string {
  const text = written.replaceAll(/\r\n?/g, '\n');
  const match = /^([a-zA-Z]*)('''|')/.exec(text);
  if (match === null) return text;
  const [, prefix = '', quote = ''] = match;
  const inner = text.slice(prefix.length + quote.length, text.length - quote.length);
  if (inner.includes('"') || /f/i.test(prefix)) return text;
  const double = '"'.repeat(quote.length);
  return prefix + double + (/r/i.test(prefix) ? inner : withoutSingleQuoteEscapes(inner)) + double;
}

function withoutSingleQuoteEscapes(inner: string): string {
  return inner.replaceAll(/\\([\s\S])/g, (escaped, character) => (character === "'" ? "'" : escaped));
}

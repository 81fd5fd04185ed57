/** Cuts the middle out of a text, never through a code point; `note` stands in its place and says how much is gone. */
export function cutMiddle(text: string, length: number, note: (left: number) => string): string {
  if (text.length <= length) return text;
  const headEnd = safeEnd(text, Math.ceil((length * 2) / 3));
  const tailStart = safeStart(text, text.length - Math.floor(length / 3));
  return `${text.slice(0, headEnd)}${note(tailStart - headEnd)}${text.slice(tailStart)}`;
}

/** The greatest position not behind `end` that does not split a surrogate pair. */
export function safeEnd(text: string, end: number): number {
  return isLowSurrogate(text, end) ? end - 1 : end;
}

export function safeStart(text: string, start: number): number {
  return isLowSurrogate(text, start) ? start + 1 : start;
}

function isLowSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff && index > 0;
}

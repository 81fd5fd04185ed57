/**
 * Text from outside (the model, a tool, a file) as a terminal may show it: without the control codes that move the cursor,
 * set the title or fill the clipboard. Line breaks and tabs stay.
 */
export function safeText(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '').replace(/[\u202a-\u202e\u2066-\u2069]/g, '');
}

/** The same on one line, cut to a width in code points. */
export function safeLine(text: string, width: number): string {
  const line = [...safeText(text).replace(/\s+/g, ' ').trim()];
  return line.length <= width ? line.join('') : `${line.slice(0, width - 1).join('')}…`;
}

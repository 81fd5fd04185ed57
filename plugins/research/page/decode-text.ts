export interface DecodedText {
  readonly text: string;
  readonly notes: readonly string[];
}

const declaredWithin = 4096;

/**
 * Turns the bytes of a text into the text: by its byte order mark, by the charset of the header, by what it says of itself
 * (`<meta charset>`, `<?xml encoding?>`), as UTF-8 if it is that, else as Windows-1252, which decodes everything.
 */
export function decodeText(bytes: Uint8Array, headerCharset: string | null): DecodedText {
  const marked = byteOrderMark(bytes);
  if (marked !== null) return { text: new TextDecoder(marked).decode(bytes), notes: [] };
  const notes: string[] = [];
  for (const label of [headerCharset, declaredCharset(bytes)]) {
    if (label === null) continue;
    const decoder = decoderFor(label);
    if (decoder !== null) return { text: decoder.decode(bytes), notes };
    notes.push(`It names a charset that nobody knows, ${JSON.stringify(label.slice(0, 40))}.`);
  }
  return { text: decodeUndeclared(bytes), notes };
}

function byteOrderMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return null;
}

function declaredCharset(bytes: Uint8Array): string | null {
  const head = new TextDecoder('windows-1252').decode(bytes.subarray(0, declaredWithin));
  const xml = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)/i.exec(head)?.[1];
  const meta = /<meta\b[^>]*\bcharset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head)?.[1];
  const label = xml ?? meta ?? null;
  // It was read as single bytes, so it cannot be what it says (HTML standard, "prescan a byte stream").
  return label !== null && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

function decoderFor(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function decodeUndeclared(bytes: Uint8Array): string {
  try {
    // As a stream: a body that was cut may end within a character.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

/** The text of bytes; each invalid byte becomes U+FFFD. */
export function decodeUtf8(data: Uint8Array): string {
  try {
    return strictDecoder.decode(data);
  } catch {
    // A decoder would replace a broken sequence as a whole, the language replaces each of its bytes.
    return decodeBroken(data);
  }
}

function decodeBroken(data: Uint8Array): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < data.length; ) {
    const size = sequenceSize(data, at);
    if (size === 0) {
      out += `${decoder.decode(data.subarray(from, at))}\ufffd`;
      from = at + 1;
    }
    at += Math.max(size, 1);
  }
  return out + decoder.decode(data.subarray(from));
}

/** UTF-8 of a string; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The length of the valid UTF-8 sequence at `at`, or 0. */
export function sequenceSize(data: Uint8Array, at: number): number {
  const lead = data[at]!;
  if (lead < 0x80) return 1;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + size > data.length) return 0;
  for (let i = 1; i < size; i++) if ((data[at + i]! & 0xc0) !== 0x80) return 0;
  const second = data[at + 1]!;
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0;
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  return size;
}

const NEEDS_ESCAPE = /["\\\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u;
const ESCAPED = new RegExp(NEEDS_ESCAPE.source, 'gu');
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as a Starlark literal in double quotes, as Go's `%q` writes it: printable text stays as it is. */
export function quoteString(s: string): string {
  if (PLAIN.test(s)) return `"${s}"`;
  return `"${s.replace(ESCAPED, escapeCharacter)}"`;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

function escapeCharacter(character: string): string {
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  const point = character.codePointAt(0)!;
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
  if (point < 0x10000) return `\\u${point.toString(16).padStart(4, '0')}`;
  return `\\U${point.toString(16).padStart(8, '0')}`;
}

/** Bytes as a Starlark literal: text where they are valid UTF-8, `\xNN` elsewhere. */
export function quoteBytes(data: Uint8Array): string {
  let out = '';
  for (let i = 0; i < data.length; ) {
    const size = sequenceSize(data, i);
    if (size === 0) {
      out += `\\x${data[i]!.toString(16).padStart(2, '0')}`;
      i++;
    } else {
      out += quoteString(decoder.decode(data.subarray(i, i + size))).slice(1, -1);
      i += size;
    }
  }
  return `b"${out}"`;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

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

import { areByteStrings, fromUnicode, stringBytes } from './string-unit.ts';
import { decodeUtf8, sequenceSize } from './utf8.ts';

const NEEDS_ESCAPE = /["\\\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u;
const ESCAPED = new RegExp(NEEDS_ESCAPE.source, 'gu');
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as a Starlark literal in double quotes, as Go's `%q` writes it: printable text stays as it is. */
export function quoteString(s: string): string {
  if (PLAIN.test(s)) return `"${s}"`;
  return areByteStrings() ? fromUnicode(`"${quotedBytes(stringBytes(s))}"`) : quoteText(s);
}

function quoteText(s: string): string {
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
  return fromUnicode(`b"${quotedBytes(data)}"`);
}

function quotedBytes(data: Uint8Array): string {
  let out = '';
  for (let i = 0; i < data.length; ) {
    const size = sequenceSize(data, i);
    if (size === 0) {
      out += `\\x${data[i]!.toString(16).padStart(2, '0')}`;
      i++;
    } else {
      out += quoteText(decodeUtf8(data.subarray(i, i + size))).slice(1, -1);
      i += size;
    }
  }
  return out;
}

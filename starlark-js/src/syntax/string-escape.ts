import type { Scanner } from './scanner.ts';

/** What an escape stands for: a byte of a bytes literal, or text when `byte` is -1. */
export interface Escape {
  readonly text: string;
  readonly byte: number;
  readonly end: number;
}

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Reads the escape whose backslash stands at `start`; a bad one is reported and taken literally. */
export function readEscape(scanner: Scanner, start: number, isBytes: boolean): Escape {
  const letter = scanner.text.charAt(start + 1);
  const plain = Object.hasOwn(simple, letter) ? simple[letter] : undefined;
  if (plain !== undefined) return { text: plain, byte: -1, end: start + 2 };
  if (letter >= '0' && letter <= '7') return octal(scanner, start, isBytes);
  if (letter === 'x') return hexadecimal(scanner, start, isBytes);
  if (letter === 'u') return unicode(scanner, start, 4);
  if (letter === 'U') return unicode(scanner, start, 8);
  const isPastEnd = start + 1 >= scanner.length;
  return invalid(
    scanner,
    start,
    isPastEnd ? start + 1 : start + 2,
    `invalid escape sequence \\${isPastEnd ? '' : letter}`,
    letter === '{' || letter === '}'
      ? 'write {{ and }} for braces in an f-string'
      : `write \\\\${isPastEnd ? '' : letter} for a backslash, or put r before the string`,
  );
}

function invalid(scanner: Scanner, start: number, end: number, message: string, hint?: string): Escape {
  scanner.report('SYNTAX_ESCAPE', message, start, end, hint);
  return { text: scanner.text.slice(start, end), byte: -1, end };
}

function octal(scanner: Scanner, start: number, isBytes: boolean): Escape {
  let end = start + 1;
  let value = 0;
  while (end < start + 4) {
    const digit = scanner.text.charCodeAt(end) - 48;
    if (!(digit >= 0 && digit <= 7)) break;
    value = value * 8 + digit;
    end++;
  }
  return element(scanner, start, end, value, isBytes, 'octal');
}

function hexadecimal(scanner: Scanner, start: number, isBytes: boolean): Escape {
  const value = hexValue(scanner.text, start + 2, 2);
  if (value < 0) return truncated(scanner, start, 2);
  return element(scanner, start, start + 4, value, isBytes, 'hex');
}

function element(scanner: Scanner, start: number, end: number, value: number, isBytes: boolean, kind: string): Escape {
  if (isBytes) {
    if (value > 255) return invalid(scanner, start, end, `invalid escape sequence ${scanner.text.slice(start, end)}`);
    return { text: '', byte: value, end };
  }
  if (value > 127) {
    const written = scanner.text.slice(start, end);
    const code = value.toString(16).toUpperCase().padStart(4, '0');
    return invalid(
      scanner,
      start,
      end,
      `non-ASCII ${kind} escape ${written} (use \\u${code} for the UTF-8 encoding of U+${code})`,
      `write \\u${code.toLowerCase()} for the character, or a bytes literal b"${written}" for the byte`,
    );
  }
  return { text: String.fromCharCode(value), byte: -1, end };
}

function unicode(scanner: Scanner, start: number, width: number): Escape {
  const value = hexValue(scanner.text, start + 2, width);
  if (value < 0) return truncated(scanner, start, width);
  const end = start + 2 + width;
  if (value > 0x10ffff) {
    return invalid(scanner, start, end, `code point out of range: ${scanner.text.slice(start, end)} (max \\U0010ffff)`);
  }
  if (value >= 0xd800 && value <= 0xdfff) {
    return invalid(
      scanner,
      start,
      end,
      `invalid Unicode code point U+${value.toString(16).toUpperCase()}`,
      'a surrogate is no character: write the whole character with \\U and eight digits',
    );
  }
  return { text: String.fromCodePoint(value), byte: -1, end };
}

/** Too few hexadecimal digits: the literal or its line ends before them, or another character stands among them. */
function truncated(scanner: Scanner, start: number, width: number): Escape {
  const { text, quote } = scanner;
  let end = start + 2;
  while (end < start + 2 + width && end < scanner.length) {
    const code = text.charCodeAt(end);
    if (code === quote || code === 10 || code === 13) break;
    end++;
  }
  const kind = end < start + 2 + width ? 'truncated' : 'invalid';
  const hint = `exactly ${width} hexadecimal digits must follow ${text.slice(start, start + 2)}`;
  return invalid(scanner, start, end, `${kind} escape sequence ${text.slice(start, end)}`, hint);
}

/** The value of `width` hexadecimal digits, or -1 when one of them is not a digit. */
function hexValue(text: string, start: number, width: number): number {
  let value = 0;
  for (let offset = start; offset < start + width; offset++) {
    const code = text.charCodeAt(offset);
    const lower = code | 32;
    const digit = code >= 48 && code <= 57 ? code - 48 : lower >= 97 && lower <= 102 && code > 64 ? lower - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

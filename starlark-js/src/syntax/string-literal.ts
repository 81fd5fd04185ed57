import type { Scanner } from './scanner.ts';
import { readEscape } from './string-escape.ts';
import * as token from './token.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Where a piece of literal text ended: at the closing quotes, at a `{` or `}` of an f-string, or too early. */
export type TextEnd = 'quote' | 'open' | 'close' | 'broken';

/** Reads a string, bytes or the opening of an f-string; `quoteOffset` is where its first quote stands. Gives its kind. */
export function scanString(scanner: Scanner, quoteOffset: number, prefix: string): number {
  const { text } = scanner;
  const quote = text.charCodeAt(quoteOffset);
  const isTriple = text.charCodeAt(quoteOffset + 1) === quote && text.charCodeAt(quoteOffset + 2) === quote;
  scanner.quote = quote;
  scanner.isTriple = isTriple;
  scanner.isRaw = prefix.includes('r');
  scanner.offset = quoteOffset + (isTriple ? 3 : 1);
  if (prefix.includes('f')) {
    scanner.end = scanner.offset;
    return token.FORMATTED_STRING;
  }
  const isBytes = prefix.includes('b');
  if (isBytes) readBytes(scanner);
  else {
    readText(scanner, 'plain');
    if (scanner.dialect.strings === 'utf8') scanner.string = toByteString(scanner.string);
  }
  scanner.end = scanner.offset;
  return isBytes ? token.BYTES : token.STRING;
}

/**
 * Reads literal text from `scanner.offset` on into `scanner.string` and stands after what ended it.
 * In an f-string (`mode` `formatted`) braces end it unless they are doubled; in the spec of a field (`spec`) single ones do.
 */
export function readText(scanner: Scanner, mode: 'plain' | 'formatted' | 'spec'): TextEnd {
  const { text, quote, isTriple, isRaw } = scanner;
  let value = '';
  let run = scanner.offset;
  let offset = run;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (code === quote) {
      if (!isTriple || (text.charCodeAt(offset + 1) === quote && text.charCodeAt(offset + 2) === quote)) {
        scanner.string = value + text.slice(run, offset);
        scanner.offset = offset + (isTriple ? 3 : 1);
        return 'quote';
      }
      offset++;
    } else if (code === BACKSLASH) {
      const next = text.charCodeAt(offset + 1);
      const width = next === CARRIAGE_RETURN && text.charCodeAt(offset + 2) === LINE_FEED ? 3 : 2;
      if (isRaw) {
        if (next === CARRIAGE_RETURN) {
          value += `${text.slice(run, offset)}\\\n`;
          run = offset + width;
        }
        offset += offset + 1 < scanner.length ? width : 1;
        continue;
      }
      value += text.slice(run, offset);
      if (next === LINE_FEED || next === CARRIAGE_RETURN) offset += width;
      else {
        const escaped = readEscape(scanner, offset, false);
        value += escaped.text;
        offset = escaped.end;
      }
      run = offset;
    } else if (code === CARRIAGE_RETURN && isTriple) {
      value += `${text.slice(run, offset)}\n`;
      offset += text.charCodeAt(offset + 1) === LINE_FEED ? 2 : 1;
      run = offset;
    } else if ((code === LINE_FEED || code === CARRIAGE_RETURN) && !isTriple) {
      scanner.string = value + text.slice(run, offset);
      return broken(
        scanner,
        offset,
        'unexpected newline in string',
        'close the string on its line, or open it with three quotes',
      );
    } else if (code === 0 && offset >= scanner.length) {
      scanner.string = value + text.slice(run, offset);
      return broken(scanner, offset, 'unexpected EOF in string', `close the string with ${closing(scanner)}`);
    } else if (mode !== 'plain' && (code === OPEN_BRACE || code === CLOSE_BRACE)) {
      if (mode === 'formatted' && text.charCodeAt(offset + 1) === code) {
        value += text.slice(run, offset + 1);
        offset += 2;
        run = offset;
        continue;
      }
      scanner.string = value + text.slice(run, offset);
      scanner.offset = offset + 1;
      return code === OPEN_BRACE ? 'open' : 'close';
    } else {
      offset++;
    }
  }
}

function closing(scanner: Scanner): string {
  return String.fromCharCode(scanner.quote).repeat(scanner.isTriple ? 3 : 1);
}

function broken(scanner: Scanner, offset: number, message: string, hint: string): TextEnd {
  scanner.report('SYNTAX_STRING', message, scanner.start, offset, hint);
  scanner.offset = offset;
  return 'broken';
}

const encoder = new TextEncoder();

function readBytes(scanner: Scanner): void {
  const { text, quote, isTriple, isRaw } = scanner;
  const pieces: number[] = [];
  let run = scanner.offset;
  let offset = run;
  const flush = (end: number): void => {
    if (end > run) for (const byte of encoder.encode(text.slice(run, end))) pieces.push(byte);
  };
  for (;;) {
    const code = text.charCodeAt(offset);
    if (
      code === quote &&
      (!isTriple || (text.charCodeAt(offset + 1) === quote && text.charCodeAt(offset + 2) === quote))
    ) {
      flush(offset);
      scanner.offset = offset + (isTriple ? 3 : 1);
      break;
    }
    if (code === BACKSLASH) {
      const next = text.charCodeAt(offset + 1);
      const width = next === CARRIAGE_RETURN && text.charCodeAt(offset + 2) === LINE_FEED ? 3 : 2;
      if (isRaw && next !== CARRIAGE_RETURN) {
        offset += offset + 1 < scanner.length ? 2 : 1;
        continue;
      }
      flush(offset);
      if (next === LINE_FEED || next === CARRIAGE_RETURN) {
        if (isRaw) pieces.push(BACKSLASH, LINE_FEED);
        offset += width;
      } else {
        const escaped = readEscape(scanner, offset, true);
        if (escaped.byte >= 0) pieces.push(escaped.byte);
        else for (const byte of encoder.encode(escaped.text)) pieces.push(byte);
        offset = escaped.end;
      }
      run = offset;
    } else if (code === CARRIAGE_RETURN && isTriple) {
      flush(offset);
      pieces.push(LINE_FEED);
      offset += text.charCodeAt(offset + 1) === LINE_FEED ? 2 : 1;
      run = offset;
    } else if ((code === LINE_FEED || code === CARRIAGE_RETURN) && !isTriple) {
      flush(offset);
      broken(
        scanner,
        offset,
        'unexpected newline in string',
        'close the literal on its line, or open it with three quotes',
      );
      break;
    } else if (code === 0 && offset >= scanner.length) {
      flush(offset);
      broken(scanner, offset, 'unexpected EOF in string', `close the literal with ${closing(scanner)}`);
      break;
    } else {
      offset++;
    }
  }
  scanner.bytes = Uint8Array.from(pieces);
}

/** The UTF-8 form of a text as a string with one character for each byte. */
export function toByteString(text: string): string {
  let isAscii = true;
  for (let index = 0; index < text.length && isAscii; index++) isAscii = text.charCodeAt(index) < 128;
  if (isAscii) return text;
  let result = '';
  for (const byte of encoder.encode(text)) result += String.fromCharCode(byte);
  return result;
}

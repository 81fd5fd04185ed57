import { maxDigits } from './limits.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

const ZERO = 48;
const DOT = 46;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

function isOctalDigit(code: number): boolean {
  return code >= 48 && code <= 55;
}

function isBinaryDigit(code: number): boolean {
  return code === 48 || code === 49;
}

function digitsEnd(text: string, start: number, accepts: (code: number) => boolean): number {
  let end = start;
  while (accepts(text.charCodeAt(end))) end++;
  return end;
}

/** Reads an int or a float whose first character, a digit or a dot before a digit, stands at `start`; gives its kind. */
export function scanNumber(scanner: Scanner, start: number): number {
  const { text } = scanner;
  const first = text.charCodeAt(start);
  if (first === ZERO) {
    const base = text.charCodeAt(start + 1) | 32;
    if (base === 120) return basedInt(scanner, start, isHexDigit, 'hex');
    if (base === 111) return basedInt(scanner, start, isOctalDigit, 'octal');
    if (base === 98) return basedInt(scanner, start, isBinaryDigit, 'binary');
  }
  let end = digitsEnd(text, start, isDigit);
  const integerEnd = end;
  if (text.charCodeAt(end) === DOT) end = digitsEnd(text, end + 1, isDigit);
  if ((text.charCodeAt(end) | 32) === 101) {
    const sign = text.charCodeAt(end + 1);
    const exponent = sign === 43 || sign === 45 ? end + 2 : end + 1;
    const exponentEnd = digitsEnd(text, exponent, isDigit);
    if (exponentEnd === exponent) {
      scanner.report(
        'SYNTAX_NUMBER',
        'invalid float literal',
        start,
        exponent,
        'digits must follow the exponent sign e',
      );
    }
    end = exponentEnd;
  }
  if (end > integerEnd) return float(scanner, start, end);
  if (first === ZERO && end > start + 1) checkLeadingZero(scanner, start, end);
  return int(scanner, start, end, text.slice(start, end), 10);
}

function float(scanner: Scanner, start: number, end: number): number {
  const value = Number(scanner.text.slice(start, end));
  if (value === Number.POSITIVE_INFINITY) {
    scanner.report('SYNTAX_NUMBER', 'invalid float literal', start, end, 'the value is too large for a float');
  }
  scanner.number = Number.isFinite(value) ? value : 0;
  return finish(scanner, token.FLOAT, end);
}

function basedInt(scanner: Scanner, start: number, accepts: (code: number) => boolean, name: string): number {
  const end = digitsEnd(scanner.text, start + 2, accepts);
  if (end === start + 2) {
    const wrong = digitsEnd(scanner.text, end, isHexDigit);
    scanner.report('SYNTAX_NUMBER', `invalid ${name} literal`, start, Math.max(wrong, end));
    scanner.number = 0;
    return finish(scanner, token.INT, Math.max(wrong, end));
  }
  return int(scanner, start, end, scanner.text.slice(start, end), 16);
}

/** `0` and `00` are zero; `0777` was octal once, and `09` never was anything. */
function checkLeadingZero(scanner: Scanner, start: number, end: number): void {
  const digits = scanner.text.slice(start, end);
  if (Number(digits) === 0) return;
  const octalEnd = digitsEnd(scanner.text, start, isOctalDigit);
  if (octalEnd === end) {
    scanner.report('SYNTAX_NUMBER', `obsolete form of octal literal; use 0o${digits.slice(1)}`, start, end);
  } else {
    scanner.report('SYNTAX_NUMBER', 'invalid int literal', start, end, 'a decimal integer does not begin with 0');
  }
}

function int(scanner: Scanner, start: number, end: number, digits: string, base: 10 | 16): number {
  if (digits.length > maxDigits) {
    scanner.report('SYNTAX_TOO_LONG', `int literal of more than ${maxDigits} digits`, start, end);
    scanner.number = 0;
  } else if (base === 10 && digits.length <= 15) {
    scanner.number = Number(digits);
  } else {
    const exact = Number(digits);
    scanner.number = Number.isSafeInteger(exact) ? exact : BigInt(digits);
  }
  return finish(scanner, token.INT, end);
}

function finish(scanner: Scanner, kind: number, end: number): number {
  scanner.end = end;
  scanner.offset = end;
  return kind;
}

import type { Scanner } from './scanner.ts';

const letter = /^\p{L}/u;
const letterOrDigit = /^[\p{L}\p{Nd}]/u;

/** Whether a character beyond ASCII at `offset` begins a name. */
export function isIdentifierStart(text: string, offset: number): boolean {
  return letter.test(characterAt(text, offset));
}

/** The width, in UTF-16 units, of a character beyond ASCII that goes on a name; 0 when it does not. */
export function isIdentifierPart(text: string, offset: number): number {
  const character = characterAt(text, offset);
  return letterOrDigit.test(character) ? character.length : 0;
}

function characterAt(text: string, offset: number): string {
  return String.fromCodePoint(text.codePointAt(offset) ?? 0);
}

const hints: Readonly<Record<string, string>> = {
  '!': 'write not x instead of !x',
  '?': 'write a if condition else b instead of condition ? a : b',
  $: 'write "…%s…" % value or f"…{value}…" to put a value into a string',
  '`': 'write a string with " or \', or three of them for several lines',
  '“': 'use the straight quote "',
  '”': 'use the straight quote "',
  '‘': "use the straight quote '",
  '’': "use the straight quote '",
  '\u00a0': 'this is a no-break space; use a plain space',
  '\ufeff': 'this is a byte order mark; remove it',
  '\u200b': 'this is an invisible zero-width space; remove it',
  '\u2028': 'this is a line separator; use a plain line feed',
  '\u2029': 'this is a paragraph separator; use a plain line feed',
  '…': 'use three dots inside a string, and pass for an empty block',
  '−': 'use the plain minus sign -',
  '–': 'use the plain minus sign -',
  '×': 'use * to multiply',
  '÷': 'use / or // to divide',
  '≤': 'use <=',
  '≥': 'use >=',
  '≠': 'use !=',
};

function decoratorHint(text: string): string {
  const [, decorator = 'decorate', name = 'f'] =
    /^@\s*([\w.]+(?:\([^()\r\n]*\))?)[^#]*?\bdef\s+(\w+)/u.exec(text) ?? [];
  return `Starlark has no decorators: remove @${decorator}, and write ${name} = ${decorator}(${name}) after the function`;
}

/** Reports a character that can begin no token, and gives the offset after it. */
export function strangeCharacter(scanner: Scanner, offset: number): number {
  const character = characterAt(scanner.text, offset);
  const end = offset + character.length;
  const code = character.codePointAt(0) ?? 0;
  const hint = character === '@' ? decoratorHint(scanner.text.slice(offset, offset + 400)) : hints[character];
  scanner.report(
    'SYNTAX_CHARACTER',
    `unexpected input character '${isPrintable(code) ? character : escaped(code)}'`,
    offset,
    end,
    hint,
  );
  return end;
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && code !== 0x7f && /^[^\p{C}\p{Z}]/u.test(String.fromCodePoint(code));
}

function escaped(code: number): string {
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${digits.padStart(4, '0')}`;
  return `\\U${digits.padStart(8, '0')}`;
}

const identifier = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/** Whether a whole text could be a name; keywords are not excluded. */
export function isIdentifier(text: string): boolean {
  return identifier.test(text);
}

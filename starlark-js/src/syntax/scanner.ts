import { createDiagnostic, type Diagnostic, type Note } from '../diagnostic.ts';
import type { Comment } from './ast.ts';
import { isIdentifierPart, isIdentifierStart, strangeCharacter } from './characters.ts';
import type { Dialect } from './dialect.ts';
import { maxDiagnostics, maxIndentation } from './limits.ts';
import { scanNumber } from './number-literal.ts';
import type { Source } from './source.ts';
import { scanString } from './string-literal.ts';
import * as token from './token.ts';

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const HASH = 35;
const BACKSLASH = 92;
const BYTE_ORDER_MARK = 0xfeff;

/** Classes of ASCII characters. */
const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const QUOTE = 3;
const OPENER = 4;
const CLOSER = 5;
const OPERATOR = 6;

const classes = new Uint8Array(128);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_')
  classes[character.charCodeAt(0)] = LETTER;
for (const character of '0123456789') classes[character.charCodeAt(0)] = DIGIT;
for (const character of '"\'') classes[character.charCodeAt(0)] = QUOTE;
for (const character of '([{') classes[character.charCodeAt(0)] = OPENER;
for (const character of ')]}') classes[character.charCodeAt(0)] = CLOSER;
for (const character of '+-*/%~&|^<>.,=;:!') classes[character.charCodeAt(0)] = OPERATOR;

/** Kinds of single-character tokens, and of the same followed by `=`; 0 when there is none. */
const single = new Uint8Array(128);
const withEquals = new Uint8Array(128);
for (let kind = 0; kind < token.TOKEN_COUNT; kind++) {
  const text = token.tokenText[kind] ?? '';
  const code = text.charCodeAt(0);
  if (text.length === 1) single[code] = kind;
  if (text.length === 2 && text.charAt(1) === '=') withEquals[code] = kind;
}

/**
 * Turns a source into tokens, one for each call of `next`, held in public fields so that no object is made per token.
 * `INDENT` and `OUTDENT` are tokens; inside brackets newlines are not. Bad input is reported and passed over.
 */
export class Scanner {
  readonly source: Source;
  readonly dialect: Dialect;
  /** The source and a final NUL, so that reading one character too far is harmless. */
  readonly text: string;
  readonly length: number;
  readonly diagnostics: Diagnostic[] = [];
  readonly comments: Comment[] = [];

  kind = token.NEWLINE;
  start = 0;
  end = 0;
  /** The kind of the token before this one, and where it ended. */
  previousKind = token.NEWLINE;
  previousEnd = 0;
  /** The value of a `NAME` or `STRING`. */
  string = '';
  /** The value of an `INT` or `FLOAT`. */
  number: number | bigint = 0;
  bytes: Uint8Array = new Uint8Array(0);
  /** The opening of a `FORMATTED_STRING`. */
  quote = 0;
  isTriple = false;
  isRaw = false;
  /** Whether a line ended, inside brackets, between the token before and this one. */
  isFirstOfLine = false;

  /** While the rest of a broken statement is passed over, its brackets need not match. */
  isSkipping = false;

  /** Offset of the next unread character. */
  offset = 0;
  /** Offsets of the brackets that are open. */
  readonly brackets: number[] = [];
  readonly #indentation: number[] = [0];
  #pendingOutdents = 0;
  #isLineStart = true;
  #isAborted = false;

  constructor(source: Source, dialect: Dialect) {
    this.source = source;
    this.dialect = dialect;
    this.text = `${source.text}\0`;
    this.length = source.text.length;
    if (this.text.charCodeAt(0) === BYTE_ORDER_MARK) this.offset = 1;
  }

  /** Records a finding. After the last one that is wanted the rest of the source is not read. */
  report(code: string, message: string, start: number, end: number, hint?: string, notes?: readonly Note[]): void {
    if (this.#isAborted) return;
    this.diagnostics.push(createDiagnostic(this.source, { code, message, start, end, hint, notes }));
    if (this.diagnostics.length < maxDiagnostics) return;
    this.abort('SYNTAX_TOO_MANY_ERRORS', 'too many errors: the rest of the file was not read', start, end);
  }

  /** Reports a fault after which reading on makes no sense; the next token is the end of the file. */
  abort(code: string, message: string, start: number, end: number): void {
    if (this.#isAborted) return;
    this.diagnostics.push(createDiagnostic(this.source, { code, message, start, end }));
    this.#isAborted = true;
    this.offset = this.length;
    this.brackets.length = 0;
  }

  /** Reads the next token into the fields. */
  next(): void {
    this.previousEnd = this.end;
    this.previousKind = this.kind;
    if (this.#pendingOutdents > 0) {
      this.#pendingOutdents--;
      this.kind = token.OUTDENT;
      return;
    }
    const block = this.#isLineStart ? this.#beginLine() : 0;
    this.kind = block === 0 ? this.#scan() : block;
  }

  /** Reads a token of a line, sets everything but `kind`, and gives the kind. */
  #scan(): number {
    this.isFirstOfLine = false;
    const { text } = this;
    let offset = this.offset;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (code === SPACE || code === TAB) {
        offset++;
        continue;
      }
      this.start = offset;
      if (code < 128) {
        switch (classes[code]) {
          case LETTER:
            return this.#name(offset + 1);
          case OPERATOR:
            return this.#operator(code, offset);
          case OPENER:
            this.brackets.push(offset);
            return this.#take(single[code] ?? 0, offset + 1);
          case CLOSER:
            if (this.brackets.length > 0) {
              this.brackets.pop();
              return this.#take(single[code] ?? 0, offset + 1);
            }
            if (!this.isSkipping) {
              const bracket = text.charAt(offset);
              this.report('SYNTAX_BRACKET', `unexpected '${bracket}'`, offset, offset + 1, 'no bracket is open here');
            }
            offset++;
            continue;
          case QUOTE:
            return scanString(this, offset, '');
          case DIGIT:
            return scanNumber(this, offset);
          default:
        }
        if (code === LINE_FEED || code === CARRIAGE_RETURN) {
          const after = code === CARRIAGE_RETURN && text.charCodeAt(offset + 1) === LINE_FEED ? offset + 2 : offset + 1;
          if (this.brackets.length === 0) {
            this.#isLineStart = true;
            return this.#take(token.NEWLINE, after);
          }
          this.isFirstOfLine = true;
          offset = after;
          continue;
        }
        if (code === HASH) {
          offset = this.#comment(offset, this.isFirstOfLine);
          continue;
        }
        if (code === BACKSLASH) {
          offset = this.#backslash(offset);
          continue;
        }
        if (code === 0 && offset >= this.length) return this.#endOfFile(offset);
      } else if (isIdentifierStart(text, offset)) {
        return this.#name(offset);
      }
      offset = strangeCharacter(this, offset);
    }
  }

  /** After an error inside brackets: forgets them and goes on at the beginning of the current token's line. */
  restartLine(): void {
    this.brackets.length = 0;
    let offset = this.start;
    while (offset > 0 && this.text.charCodeAt(offset - 1) !== 10 && this.text.charCodeAt(offset - 1) !== 13) offset--;
    this.offset = offset;
    this.#isLineStart = true;
    this.kind = token.NEWLINE;
  }

  /** The column, from 0, at which an offset stands in its line. */
  columnOf(offset: number): number {
    let start = offset;
    while (start > 0 && this.text.charCodeAt(start - 1) !== 10 && this.text.charCodeAt(start - 1) !== 13) start--;
    return offset - start;
  }

  #take(kind: number, end: number): number {
    this.end = end;
    this.offset = end;
    return kind;
  }

  /** Skips lines without code and compares the indentation of the next one; 0 when it is that of the line before. */
  #beginLine(): number {
    const { text } = this;
    let offset = this.offset;
    let column = 0;
    let tab = -1;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (code === 32) {
        column++;
        offset++;
      } else if (code === 9) {
        if (tab < 0) tab = offset;
        column += 8 - (column % 8);
        offset++;
      } else if (code === 35) {
        offset = this.#comment(offset, true);
      } else if (code === 10 || code === 13) {
        offset++;
        column = 0;
        tab = -1;
      } else break;
    }
    this.offset = offset;
    this.#isLineStart = false;
    if (offset >= this.length) column = 0;
    else if (tab >= 0 && !this.dialect.tabs) {
      this.report('DIALECT_TABS', 'tab in indentation', tab, tab + 1, 'this dialect indents with spaces only');
    }
    const levels = this.#indentation;
    const current = levels[levels.length - 1] ?? 0;
    if (column === current) return 0;
    this.start = offset;
    this.end = offset;
    if (column > current) {
      if (levels.length > maxIndentation) {
        this.abort('SYNTAX_TOO_DEEP', `more than ${maxIndentation} blocks inside one another`, offset, offset + 1);
        return 0;
      }
      levels.push(column);
      return token.INDENT;
    }
    let outdents = 0;
    while ((levels[levels.length - 1] ?? 0) > column) {
      levels.pop();
      outdents++;
    }
    if (levels[levels.length - 1] !== column) this.#badOutdent(offset, column);
    this.#pendingOutdents = outdents - 1;
    return token.OUTDENT;
  }

  #badOutdent(offset: number, column: number): void {
    const levels = this.#indentation.join(', ');
    this.report(
      'SYNTAX_INDENTATION',
      'unindent does not match any outer indentation level',
      offset,
      offset + 1,
      `this line is indented by ${column}, the blocks around it by ${levels}`,
    );
  }

  #comment(start: number, ownLine: boolean): number {
    const { text } = this;
    let end = start + 1;
    for (; end < this.length; end++) {
      const code = text.charCodeAt(end);
      if (code === 10 || code === 13) break;
    }
    this.comments.push({ start, end, text: text.slice(start, end), ownLine });
    return end;
  }

  #backslash(offset: number): number {
    const code = this.text.charCodeAt(offset + 1);
    if (code === 10) return offset + 2;
    if (code === 13) return this.text.charCodeAt(offset + 2) === 10 ? offset + 3 : offset + 2;
    let after = offset + 1;
    while (this.text.charCodeAt(after) === 32 || this.text.charCodeAt(after) === 9) after++;
    const next = this.text.charCodeAt(after);
    const isBlankAfter = after > offset + 1 && (next === 10 || next === 13 || next === 35);
    this.report(
      'SYNTAX_CHARACTER',
      'stray backslash in program',
      offset,
      offset + 1,
      isBlankAfter
        ? 'a backslash continues a line only when nothing follows it: remove what stands after it'
        : 'a backslash may only end a line; brackets continue a line without one',
    );
    return isBlankAfter ? after : offset + 1;
  }

  #endOfFile(offset: number): number {
    if (this.brackets.length === 0 && this.kind > token.OUTDENT) {
      this.#isLineStart = true;
      return this.#take(token.NEWLINE, offset);
    }
    return this.#take(token.END_OF_FILE, offset);
  }

  #name(from: number): number {
    const { text } = this;
    let end = from;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code < 128) {
        const characterClass = classes[code] ?? OTHER;
        if (characterClass === OTHER || characterClass > DIGIT) break;
        end++;
      } else {
        const width = isIdentifierPart(text, end);
        if (width === 0) break;
        end += width;
      }
    }
    const after = text.charCodeAt(end);
    if ((after === 34 || after === 39) && end - this.start <= 2) {
      const prefix = text.slice(this.start, end).toLowerCase();
      if (isStringPrefix(prefix)) return scanString(this, end, prefix);
    }
    const name = text.slice(this.start, end);
    this.string = name;
    const size = end - this.start;
    return this.#take(size < 2 || size > 8 ? token.NAME : (token.keywordKinds.get(name) ?? token.NAME), end);
  }

  #operator(code: number, start: number): number {
    const { text } = this;
    const next = text.charCodeAt(start + 1);
    if (next === 61) {
      const kind = withEquals[code] ?? 0;
      if (kind !== 0) return this.#take(kind, start + 2);
    } else if (next === code) {
      const after = text.charCodeAt(start + 2);
      if (code === 42) return this.#take(token.STAR_STAR, start + 2);
      if (code === 47)
        return after === 61
          ? this.#take(token.SLASH_SLASH_EQUALS, start + 3)
          : this.#take(token.SLASH_SLASH, start + 2);
      if (code === 60)
        return after === 61 ? this.#take(token.LEFT_SHIFT_EQUALS, start + 3) : this.#take(token.LEFT_SHIFT, start + 2);
      if (code === 62)
        return after === 61
          ? this.#take(token.RIGHT_SHIFT_EQUALS, start + 3)
          : this.#take(token.RIGHT_SHIFT, start + 2);
    } else if (code === 46 && next >= 48 && next <= 57) {
      return scanNumber(this, start);
    } else if (code === 45 && next === 62) {
      return this.#take(token.ARROW, start + 2);
    }
    return this.#take(single[code] ?? 0, start + 1);
  }
}

function isStringPrefix(prefix: string): boolean {
  switch (prefix) {
    case 'r':
    case 'b':
    case 'f':
    case 'rb':
    case 'br':
    case 'rf':
    case 'fr':
      return true;
    default:
      return false;
  }
}

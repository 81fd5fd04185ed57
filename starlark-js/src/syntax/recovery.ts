import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

/**
 * Passes over the rest of a broken statement that began at `start`, to the beginning of the next line. True when a
 * bracket of it seems never to be closed.
 */
export function skipLine(scanner: Scanner, start: number): boolean {
  scanner.isSkipping = true;
  const isUnclosed = skipTokens(scanner, scanner.columnOf(start));
  scanner.isSkipping = false;
  return isUnclosed;
}

function skipTokens(scanner: Scanner, column: number): boolean {
  for (;;) {
    const { kind } = scanner;
    if (kind === token.END_OF_FILE) return scanner.brackets.length > 0;
    if (kind === token.NEWLINE) {
      scanner.next();
      return false;
    }
    if (kind === token.INDENT || kind === token.OUTDENT) return false;
    if (scanner.isFirstOfLine && scanner.brackets.length > 0 && beginsStatement(scanner, column)) {
      scanner.restartLine();
      scanner.next();
      return true;
    }
    scanner.next();
  }
}

/** Whether the current token, first of its line inside brackets, is likelier to begin a statement than to go on. */
function beginsStatement(scanner: Scanner, column: number): boolean {
  const isAfterHeader = scanner.previousKind === token.COLON;
  switch (scanner.kind) {
    case token.DEF:
    case token.RETURN:
    case token.PASS:
    case token.BREAK:
    case token.CONTINUE:
    case token.LOAD:
    case token.WHILE:
    case token.ELIF:
      return true;
    case token.NAME:
    case token.IF:
    case token.FOR:
      return isAfterHeader || scanner.columnOf(scanner.start) <= column;
    default:
      return scanner.kind >= token.FIRST_RESERVED && scanner.kind !== token.IS && scanner.kind !== token.AS;
  }
}

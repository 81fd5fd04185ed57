import type { FormattedPart, FormattedString } from './ast.ts';
import type { ExpressionParser } from './expression-parser.ts';
import { readText, type TextEnd, toByteString } from './string-literal.ts';
import { SyntaxFailure } from './syntax-failure.ts';
import * as token from './token.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSLASH = 92;

type Part = string | FormattedPart;

/** Reads an f-string whose opening is the current token, and stands at the token after it. */
export function parseFormattedString(parser: ExpressionParser): FormattedString {
  const { scanner } = parser;
  const { start, end, quote, isTriple, isRaw } = scanner;
  if (!scanner.dialect.fstrings) {
    scanner.report(
      'DIALECT_FSTRINGS',
      'this Starlark dialect does not support f-strings',
      start,
      end,
      'write "…%s…" % value or "…{}…".format(value)',
    );
  }
  const parts: Part[] = [];
  let height = 0;
  const depth = scanner.brackets.length;
  const reported = scanner.diagnostics.length;
  const comments = scanner.comments.length;
  for (;;) {
    scanner.quote = quote;
    scanner.isTriple = isTriple;
    scanner.isRaw = isRaw;
    const stop = text(parser, parts, 'formatted');
    if (stop === 'quote' || stop === 'broken') break;
    if (stop === 'close') {
      scanner.report(
        'SYNTAX_FSTRING',
        "f-string: single '}' is not allowed",
        scanner.offset - 1,
        scanner.offset,
        'write }} for a closing brace',
      );
      continue;
    }
    try {
      parts.push(...field(parser, 0));
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      scanner.brackets.length = depth;
      scanner.offset = closingQuote(scanner.text, end, quote, isTriple);
      if (scanner.diagnostics.length === reported) {
        scanner.report(failure.code, failure.message, failure.start, failure.end, failure.hint, failure.notes);
      }
      break;
    }
    height = Math.max(height, parser.height);
  }
  scanner.end = scanner.offset;
  const stringEnd = scanner.offset;
  // A comment inside a field is a part of the string's text.
  scanner.comments.length = comments;
  scanner.next();
  parser.height = height + 1;
  return { kind: 'FormattedString', start, end: stringEnd, parts };
}

/** Where a broken f-string is likeliest to end: after its first own quote, or at the end of its line. */
function closingQuote(text: string, from: number, quote: number, isTriple: boolean): number {
  for (let offset = from; offset < text.length - 1; offset++) {
    const code = text.charCodeAt(offset);
    if (code === BACKSLASH) offset++;
    else if (code === quote && !isTriple) return offset + 1;
    else if (code === quote && text.charCodeAt(offset + 1) === quote && text.charCodeAt(offset + 2) === quote)
      return offset + 3;
    else if ((code === LINE_FEED || code === CARRIAGE_RETURN) && !isTriple) return offset;
  }
  return text.length - 1;
}

function text(parser: ExpressionParser, parts: Part[], mode: 'formatted' | 'spec'): TextEnd {
  const { scanner } = parser;
  const stop = readText(scanner, mode);
  if (scanner.string === '') return stop;
  parts.push(scanner.dialect.strings === 'utf8' ? toByteString(scanner.string) : scanner.string);
  return stop;
}

/**
 * A field after its `{`, up to and with its `}`. `{x=}` is also the text `x=` before the value, so that there may be
 * two parts. Fields nest once more in a spec, as in `{x:{width}}`, and no deeper.
 */
function field(parser: ExpressionParser, depth: number): Part[] {
  const { scanner } = parser;
  const { quote, isTriple, isRaw } = scanner;
  const open = scanner.offset - 1;
  scanner.brackets.push(open);
  scanner.next();
  if (scanner.kind === token.CLOSE_BRACE) {
    throw parser.failure('SYNTAX_FSTRING', 'f-string: empty expression not allowed', 'write {{ and }} for braces');
  }
  const expression = parser.parseExpressions();
  const parts: Part[] = [];
  let conversion: 'r' | 's' | null = null;
  let isDebug = false;
  if (scanner.kind === token.EQUALS) {
    isDebug = true;
    const afterEquals = scanner.end;
    scanner.next();
    parts.push(scanner.text.slice(open + 1, scanner.kind === token.CLOSE_BRACE ? scanner.start : afterEquals));
  }
  if (scanner.kind === token.EXCLAMATION) {
    scanner.next();
    const name = scanner.kind === token.NAME ? scanner.string : '';
    if (name !== 'r' && name !== 's') {
      throw parser.failure(
        'SYNTAX_FSTRING',
        'f-string: conversion must be !r or !s',
        '!r writes repr(value), !s writes str(value)',
      );
    }
    conversion = name;
    scanner.next();
  }
  let spec: Part[] = [];
  let end = scanner.end;
  if (scanner.kind === token.COLON) {
    scanner.quote = quote;
    scanner.isTriple = isTriple;
    scanner.isRaw = isRaw;
    spec = formatSpec(parser, depth);
    end = scanner.offset;
    scanner.brackets.pop();
  } else if (scanner.kind !== token.CLOSE_BRACE) {
    throw parser.wanted("'}'", scanner.kind === token.COMMA ? undefined : fieldHint(scanner.kind));
  }
  if (isDebug && conversion === null && spec.length === 0) conversion = 'r';
  parts.push({ start: open, end, expression, conversion, spec });
  return parts;
}

function fieldHint(kind: number): string | undefined {
  if (kind === token.STRING || kind === token.END_OF_FILE)
    return 'the { of this f-string is not closed; write {{ for a brace';
  return undefined;
}

/** The text after `:` up to and with the `}` of its field. */
function formatSpec(parser: ExpressionParser, depth: number): Part[] {
  const { scanner } = parser;
  const { quote, isTriple, isRaw } = scanner;
  const parts: Part[] = [];
  scanner.offset = scanner.end;
  for (;;) {
    scanner.quote = quote;
    scanner.isTriple = isTriple;
    scanner.isRaw = isRaw;
    const stop = text(parser, parts, 'spec');
    if (stop === 'close') return parts;
    if (stop === 'open' && depth === 0) parts.push(...field(parser, depth + 1));
    else {
      scanner.start = scanner.offset - 1;
      scanner.end = scanner.offset;
      throw parser.failure(
        'SYNTAX_FSTRING',
        stop === 'open' ? 'f-string: expressions nested too deeply' : "f-string: expecting '}'",
        'a field is written {value}, {value!r} or {value:spec}',
      );
    }
  }
}

import type { Comprehension, ComprehensionClause, DictEntry, Expression, ListLiteral } from './ast.ts';
import type { ExpressionParser } from './expression-parser.ts';
import { setHint } from './habits.ts';
import { maxClauses } from './limits.ts';
import { checkTarget, endsExpressions } from './targets.ts';
import * as token from './token.ts';

export function parseParenthesized(parser: ExpressionParser): Expression {
  const { scanner } = parser;
  const { start } = scanner;
  scanner.next();
  if (scanner.kind === token.CLOSE_PARENTHESIS) {
    scanner.next();
    return { kind: 'Tuple', start, end: scanner.previousEnd, items: [] };
  }
  const first = parser.parseTest();
  if (scanner.kind === token.FOR) {
    const at = scanner.start;
    const list = parseComprehension(parser, first, start, 'list', token.CLOSE_PARENTHESIS);
    parser.reportGenerator("')'", at, first.start, list.end - 1);
    return list;
  }
  if (scanner.kind !== token.COMMA) {
    parser.expect(token.CLOSE_PARENTHESIS, "')'");
    parser.height++;
    return { kind: 'Parenthesized', start, end: scanner.previousEnd, expression: first };
  }
  const items = parseItems(parser, first, token.CLOSE_PARENTHESIS, "')'");
  return { kind: 'Tuple', start, end: scanner.previousEnd, items };
}

/** The rest of a bracketed list after its first item, to its closing bracket. */
function parseItems(parser: ExpressionParser, first: Expression, closer: number, want: string): Expression[] {
  const { scanner } = parser;
  const items = [first];
  let height = parser.height;
  while (scanner.kind === token.COMMA) {
    scanner.next();
    if (scanner.kind === closer || endsExpressions(scanner.kind)) break;
    items.push(parser.parseTest());
    height = Math.max(height, parser.height);
  }
  parser.expect(closer, want);
  parser.height = height + 1;
  return items;
}

export function parseList(parser: ExpressionParser): Expression {
  const { scanner } = parser;
  const { start } = scanner;
  scanner.next();
  if (scanner.kind === token.CLOSE_BRACKET) {
    scanner.next();
    return { kind: 'List', start, end: scanner.previousEnd, items: [] };
  }
  const first = parser.parseTest();
  if (scanner.kind === token.FOR) return parseComprehension(parser, first, start, 'list', token.CLOSE_BRACKET);
  const items = parseItems(parser, first, token.CLOSE_BRACKET, "']'");
  return { kind: 'List', start, end: scanner.previousEnd, items };
}

export function parseBraces(parser: ExpressionParser): Expression {
  const { scanner } = parser;
  const { start } = scanner;
  scanner.next();
  if (scanner.kind === token.CLOSE_BRACE) {
    scanner.next();
    return { kind: 'Dict', start, end: scanner.previousEnd, entries: [] };
  }
  const firstKey = parser.parseTest();
  if (scanner.kind === token.COMMA || scanner.kind === token.CLOSE_BRACE)
    return parseSetLiteral(parser, start, firstKey);
  if (scanner.kind === token.FOR) {
    const at = scanner.start;
    const list = parseComprehension(parser, firstKey, start, 'list', token.CLOSE_BRACE);
    scanner.report('SYNTAX_SET_LITERAL', "got for, want ':'", at, at + 3, setHint(scanner, start, list.end));
    return list;
  }
  const first = parseEntry(parser, firstKey);
  if (scanner.kind === token.FOR) return parseComprehension(parser, first, start, 'dict', token.CLOSE_BRACE);
  const entries = [first];
  let height = parser.height;
  while (scanner.kind === token.COMMA) {
    scanner.next();
    if (scanner.kind === token.CLOSE_BRACE) break;
    entries.push(parseEntry(parser, parser.parseTest()));
    height = Math.max(height, parser.height);
  }
  parser.expect(token.CLOSE_BRACE, "'}'");
  parser.height = height + 1;
  return { kind: 'Dict', start, end: scanner.previousEnd, entries };
}

function parseSetLiteral(parser: ExpressionParser, start: number, first: Expression): ListLiteral {
  const { scanner } = parser;
  const at = { start: scanner.start, end: scanner.end, name: token.tokenName[scanner.kind] ?? '' };
  const items = parseItems(parser, first, token.CLOSE_BRACE, "'}'");
  const { previousEnd } = scanner;
  scanner.report(
    'SYNTAX_SET_LITERAL',
    `got ${at.name}, want ':'`,
    at.start,
    at.end,
    setHint(scanner, start, previousEnd),
  );
  return { kind: 'List', start, end: previousEnd, items };
}

function parseEntry(parser: ExpressionParser, key: Expression): DictEntry {
  const keyHeight = parser.height;
  parser.expect(token.COLON, "':'");
  const value = parser.parseTest();
  parser.height = Math.max(keyHeight, parser.height) + 1;
  return { start: key.start, end: value.end, key, value };
}

/** The clauses after a comprehension's body, and the closing bracket unless it belongs to the call around (`null`). */
export function parseComprehension(
  parser: ExpressionParser,
  body: Expression | DictEntry,
  start: number,
  form: 'list' | 'dict',
  closer: number | null,
): Comprehension {
  const { scanner } = parser;
  const clauses: ComprehensionClause[] = [];
  let height = parser.height;
  while (scanner.kind === token.FOR || scanner.kind === token.IF) {
    if (clauses.length === maxClauses) {
      throw parser.failure('SYNTAX_TOO_LONG', `comprehension of more than ${maxClauses} clauses`);
    }
    clauses.push(parseClause(parser));
    height = Math.max(height, parser.height);
  }
  if (closer !== null) parser.expect(closer, `${token.tokenName[closer] ?? ''}, for, or if`);
  parser.height = height + clauses.length + 1;
  return { kind: 'Comprehension', start, end: scanner.previousEnd, body, form, clauses };
}

function parseClause(parser: ExpressionParser): ComprehensionClause {
  const { scanner } = parser;
  const { start } = scanner;
  if (scanner.kind === token.IF) {
    scanner.next();
    const test = parser.withoutConditional();
    return { kind: 'IfClause', start, end: test.end, test };
  }
  scanner.next();
  const target = parser.parseTargets();
  checkTarget(scanner, target);
  parser.expect(token.IN, 'in');
  const iterable = parser.withoutConditional();
  return { kind: 'ForClause', start, end: iterable.end, target, iterable };
}

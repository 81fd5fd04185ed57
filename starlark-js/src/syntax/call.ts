import { checkArguments } from './argument-order.ts';
import type { Argument, Call, Expression } from './ast.ts';
import { parseComprehension } from './brackets.ts';
import type { ExpressionParser } from './expression-parser.ts';
import * as token from './token.ts';

export function parseCall(parser: ExpressionParser, callee: Expression): Call {
  const { scanner } = parser;
  const parenthesis = scanner.start;
  const ownArguments: Argument[] = [];
  let height = parser.height;
  let isPlain = true;
  scanner.next();
  while (scanner.kind !== token.CLOSE_PARENTHESIS && scanner.kind !== token.END_OF_FILE) {
    const argument = parseArgument(parser);
    if (argument.kind !== 'Positional') isPlain = false;
    ownArguments.push(argument);
    height = Math.max(height, parser.height);
    if (scanner.kind === token.COMMA) scanner.next();
    else if (scanner.kind !== token.CLOSE_PARENTHESIS && scanner.kind !== token.END_OF_FILE) throw parser.wanted("','");
  }
  parser.expect(token.CLOSE_PARENTHESIS, "')'");
  parser.deepen(height, callee.start);
  if (!isPlain) checkArguments(scanner, ownArguments);
  return {
    kind: 'Call',
    start: callee.start,
    end: scanner.previousEnd,
    callee,
    arguments: ownArguments,
    parenthesis,
  };
}

function parseArgument(parser: ExpressionParser): Argument {
  const { scanner } = parser;
  const { start, kind } = scanner;
  if (kind === token.STAR || kind === token.STAR_STAR) {
    scanner.next();
    const value = parser.parseTest();
    return { kind: kind === token.STAR ? 'Args' : 'Kwargs', start, end: value.end, value };
  }
  const value = parser.parseTest();
  if (scanner.kind === token.FOR) {
    const at = scanner.start;
    const list = parseComprehension(parser, value, value.start, 'list', null);
    parser.reportGenerator("','", at, value.start, list.end);
    return { kind: 'Positional', start, end: list.end, value: list };
  }
  if (scanner.kind !== token.EQUALS) return { kind: 'Positional', start, end: value.end, value };
  if (value.kind !== 'Name') {
    throw parser.failure(
      'SYNTAX_ARGUMENT',
      'keyword argument must have form name=expr',
      value.kind === 'String' ? 'write the name without quotes: f(name = value)' : 'use == to compare',
    );
  }
  scanner.next();
  const argument = parser.parseTest();
  return { kind: 'Named', start, end: argument.end, name: value, value: argument };
}

import type { Load, LoadBinding, Name, StringLiteral } from './ast.ts';
import { isIdentifier } from './characters.ts';
import type { ExpressionParser } from './expression-parser.ts';
import type { Scanner } from './scanner.ts';
import { SyntaxFailure } from './syntax-failure.ts';
import * as token from './token.ts';

const form = 'write load("module.star", "name", local = "name")';

/** `load("module", "name", local = "name")`; the current token is `load`. */
export function parseLoad(parser: ExpressionParser): Load {
  const { scanner } = parser;
  const { start } = scanner;
  scanner.next();
  parser.expect(token.OPEN_PARENTHESIS, "'('");
  if (scanner.kind !== token.STRING) {
    throw parser.failure('SYNTAX_LOAD', 'first operand of load statement must be a string literal', form);
  }
  const module = parser.parseStringLiteral();
  const bindings: LoadBinding[] = [];
  while (scanner.kind !== token.CLOSE_PARENTHESIS && scanner.kind !== token.END_OF_FILE) {
    parser.expect(token.COMMA, "','");
    if (scanner.kind === token.CLOSE_PARENTHESIS) break;
    bindings.push(parseBinding(parser));
  }
  parser.expect(token.CLOSE_PARENTHESIS, "')'");
  const end = scanner.previousEnd;
  if (bindings.length === 0) {
    scanner.report('SYNTAX_LOAD', 'load statement must import at least 1 symbol', start, end, form);
  }
  return { kind: 'Load', start, end, module, bindings };
}

function parseBinding(parser: ExpressionParser): LoadBinding {
  const { scanner } = parser;
  if (scanner.kind === token.STRING) {
    const name = parser.parseStringLiteral();
    checkName(scanner, name);
    const local: Name = { kind: 'Name', start: name.start, end: name.end, name: name.value };
    return { start: name.start, end: name.end, local, name };
  }
  if (scanner.kind !== token.NAME) {
    throw parser.failure(
      'SYNTAX_LOAD',
      `load operand must be "name" or localname="name" (got ${token.tokenName[scanner.kind] ?? ''})`,
      form,
    );
  }
  const local = parser.parseName();
  if (scanner.kind !== token.EQUALS) {
    throw new SyntaxFailure(
      'SYNTAX_LOAD',
      `load operand must be "${local.name}" or ${local.name}="originalname" (want '=' after ${local.name})`,
      local.start,
      local.end,
      `put the name into quotes: "${local.name}"`,
    );
  }
  scanner.next();
  if (scanner.kind !== token.STRING) {
    throw parser.failure(
      'SYNTAX_LOAD',
      `original name of loaded symbol must be quoted: ${local.name}="originalname"`,
      form,
    );
  }
  const name = parser.parseStringLiteral();
  checkName(scanner, name);
  return { start: local.start, end: name.end, local, name };
}

/** A loaded name becomes a variable, so it must be one; names with a leading underscore are private to their module. */
function checkName(scanner: Scanner, name: StringLiteral): void {
  const report = (message: string): void => scanner.report('SYNTAX_LOAD', message, name.start, name.end);
  if (name.value === '') report('load: empty identifier');
  else if (name.value.startsWith('_')) report(`load: names with leading underscores are not exported: ${name.value}`);
  else if (!isIdentifier(name.value)) report(`load: ${JSON.stringify(name.value)} is not an identifier`);
}

import type { Binary, Expression } from './ast.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

/**
 * What people and models who think in Python write, and what to write instead. A hint quotes the author's own text
 * when it is short, so that the replacement can be copied.
 */

/** A piece of the source for use in a hint, or `otherwise` when it is long or has several lines. */
export function quoted(scanner: Scanner, start: number, end: number, otherwise: string): string {
  const text = scanner.text.slice(start, Math.min(end, scanner.length)).trim();
  return text === '' || text.length > 60 || /[\r\n]/.test(text) ? otherwise : text;
}

/** The hint for `x for x in items` outside square brackets. */
export function generatorHint(scanner: Scanner, start: number, end: number): string {
  return `Starlark has no generator expressions: write a list, [${quoted(scanner, start, end, 'x for x in items')}]`;
}

/** The hint for a token that cannot stand where it does. */
export function expressionHint(scanner: Scanner, want: string): string | undefined {
  const { kind, text, start, previousKind } = scanner;
  switch (kind) {
    case token.IS:
      return identityHint(scanner);
    case token.STAR_STAR:
      return want === 'primary expression' ? dictUnpackingHint(scanner) : powerHint(scanner);
    case token.STAR:
      return want === 'primary expression' ? unpackingHint(scanner) : undefined;
    case token.COLON:
      return text.charAt(start + 1) === '=' ? walrusHint(scanner) : undefined;
    case token.EQUALS:
      if (want === 'newline') return 'assign once per statement: a = value, then b = a';
      return 'use == to compare; an assignment is a statement of its own';
    case token.AMPERSAND:
      return text.charAt(start - 1) === '&' ? 'write and instead of &&' : undefined;
    case token.BAR:
      return text.charAt(start - 1) === '|' ? 'write or instead of ||' : undefined;
    case token.GREATER:
      return text.charAt(start - 1) === '<' ? 'write != instead of <>' : undefined;
    case token.EXCLAMATION:
      return 'write not x instead of !x';
    case token.DOT:
      return text.startsWith('...', start) ? 'Starlark has no ...; write pass for an empty block' : undefined;
    case token.INDENT:
      return 'this line is indented more than the one before, and no block begins here';
    case token.OPEN_BRACE:
      return want === "':'" ? 'a block begins with : and is indented' : undefined;
    case token.ARROW:
      return 'a return type stands between the parameters and the colon: def f(x: int) -> str:';
    case token.NEWLINE:
      return newlineHint(scanner, want);
    case token.IF:
      return previousKind === token.ELSE ? 'write elif instead of else if' : undefined;
    case token.FOR:
      return want === "')'" || want === "','"
        ? 'Starlark has no generator expressions: write a list, [x for x in items]'
        : undefined;
    case token.ELSE:
      return want.endsWith('for, or if')
        ? 'a condition with else stands before for: [a if test else b for x in items]'
        : undefined;
    case token.COMMA:
      return want.endsWith('for, or if') ? 'put the tuple after in into parentheses' : undefined;
    case token.NAME:
    case token.STRING:
    case token.FORMATTED_STRING:
      return adjacentHint(scanner);
    case token.YIELD:
      return 'Starlark has no generators: append to a list and return it';
    case token.AWAIT:
      return 'Starlark has no await: a call waits for its result, so remove await';
    case token.ASYNC:
      return 'Starlark has no async: a call waits for its result, so remove async';
    case token.LAMBDA:
      return want === 'primary expression' ? 'put the lambda into parentheses' : undefined;
    case token.AS:
      return 'Starlark has no as: assign with =';
    case token.PASS:
    case token.RETURN:
      return want === 'primary expression'
        ? `${token.tokenName[kind] ?? ''} is a statement and has no value`
        : undefined;
    default:
      if (want === "','" && kind > token.EXCLAMATION) return undefined;
      return kind >= token.FIRST_RESERVED
        ? `${token.tokenName[kind] ?? ''} is a reserved word: choose another name`
        : undefined;
  }
}

/** The name, number or attribute path that ends right before the current token. */
function wordBefore(scanner: Scanner): string | null {
  const before = scanner.text.slice(Math.max(0, scanner.previousEnd - 60), scanner.previousEnd);
  return /(?<![\w.)\]"'])[\w.]+$/u.exec(before)?.[0] ?? null;
}

function textFrom(scanner: Scanner): string {
  return scanner.text.slice(scanner.start, scanner.start + 80);
}

function identityHint(scanner: Scanner): string {
  const match = /^is\s+(not\s+)?([\w.]*)/u.exec(textFrom(scanner));
  const operator = match?.[1] === undefined ? '==' : '!=';
  const left = wordBefore(scanner);
  const right = match?.[2] ?? '';
  const replaced = operator === '==' ? 'is' : 'is not';
  if (left === null || right === '') return `Starlark has no is: write ${operator} instead of ${replaced}`;
  return `Starlark has no is: write ${left} ${operator} ${right}`;
}

function powerHint(scanner: Scanner): string {
  const base = wordBefore(scanner);
  const exponent = /^\*\*\s*([\w.]+)/u.exec(textFrom(scanner))?.[1];
  if (base === null || exponent === undefined) return 'Starlark has no **: write x * x, or math.pow(x, y) for a float';
  if (exponent === '2') return `Starlark has no **: write ${base} * ${base}`;
  if (exponent === '3') return `Starlark has no **: write ${base} * ${base} * ${base}`;
  if (base === '2') return `Starlark has no **: write 1 << ${exponent}`;
  return `Starlark has no **: multiply in a loop, or write math.pow(${base}, ${exponent}) for a float`;
}

function dictUnpackingHint(scanner: Scanner): string {
  const match = /^\*\*([\w.]+),\s*\*\*([\w.]+),?\s*\}/u.exec(textFrom(scanner));
  const joined = match === null ? '{"a": 1} | other' : `${match[1]} | ${match[2]}`;
  return `Starlark has no ** in a dict literal: join dicts with |, as in ${joined}`;
}

function unpackingHint(scanner: Scanner): string {
  const { text, brackets } = scanner;
  const lineStart = scanner.start - scanner.columnOf(scanner.start);
  const match = /^\s*(\w+),\s*\*(\w+)\s*=\s*([\w.]+)\s*(?:#|$)/mu.exec(
    text.slice(lineStart, Math.min(lineStart + 120, scanner.length)),
  );
  if (match !== null && match.index === 0) {
    const [, first, rest, items] = match;
    return `Starlark has no * on the left of =: write ${first}, ${rest} = ${items}[0], ${items}[1:]`;
  }
  return brackets.length === 0
    ? 'Starlark has no * on the left of =: take parts with x[0] and x[1:]'
    : 'Starlark unpacks only in calls: join lists with +, as in [a] + rest, or copy one with list(x)';
}

function walrusHint(scanner: Scanner): string {
  const name = wordBefore(scanner) ?? 'x';
  return `Starlark has no :=; write ${name} = … on a line of its own before, and use ${name} here`;
}

function newlineHint(scanner: Scanner, want: string): string | undefined {
  if (want === "':'") return 'a block begins with a colon at the end of this line';
  if (want !== 'primary expression') return undefined;
  const before = scanner.text.slice(Math.max(0, scanner.previousEnd - 2), scanner.previousEnd);
  if (before === '++' || before === '--') return `Starlark has no ${before}: write x ${before.charAt(0)}= 1`;
  return 'an operand is missing at the end of this line';
}

function adjacentHint(scanner: Scanner): string | undefined {
  const { text, start, previousKind, previousEnd, kind } = scanner;
  const isTouching = previousEnd === start;
  if (previousKind === token.INT && isTouching && kind === token.NAME) {
    return text.charAt(start) === '_'
      ? 'Starlark numbers have no _ between digits: remove it'
      : 'a name cannot begin with a digit';
  }
  if (kind !== token.NAME && previousKind === token.NAME && isTouching) {
    return `Starlark has no ${scanner.text.slice(Math.max(0, start - 1), start)}"" strings: only r"", b"" and f""`;
  }
  return undefined;
}

/** Why a keyword where a name is wanted does not do. */
export function keywordAsName(kind: number): string | undefined {
  return kind >= token.AND ? `${token.tokenName[kind] ?? ''} is a reserved word: choose another name` : undefined;
}

/** The call that makes the set of `{a, b}`. */
export function setHint(scanner: Scanner, start: number, end: number): string {
  const items = quoted(scanner, start + 1, end - 1, '…');
  return `Starlark has no set literals: write set([${items}]); in a dict every key has a value, {key: value}`;
}

/** Reports `a < b < c` after `a < b`, the operator at `start` and the operand `c` were read. */
export function chainedComparison(
  scanner: Scanner,
  left: Binary,
  operator: string,
  start: number,
  right: Expression,
): void {
  const first = quoted(scanner, left.start, left.end, 'a < b');
  const second = quoted(scanner, left.right.start, right.end, `b ${operator} c`);
  scanner.report(
    'SYNTAX_CHAINED_COMPARISON',
    `${left.operator} does not associate with ${operator} (use parens)`,
    start,
    start + operator.length,
    `Starlark has no chained comparison: write ${first} and ${second}`,
  );
}

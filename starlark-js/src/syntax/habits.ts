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

/** The hint for a reserved word that begins a statement. */
export const statementHints: ReadonlyMap<number, string> = new Map([
  [
    token.TRY,
    'Starlark has no try/except: an error ends the program. Test first instead: if key in d, d.get(key, default), type(x) == "int"',
  ],
  [token.EXCEPT, 'Starlark has no try/except: test for the condition first, with if'],
  [token.FINALLY, 'Starlark has no try/finally: remove it; nothing needs to be closed by hand'],
  [token.RAISE, 'Starlark has no raise: write fail("message")'],
  [
    token.CLASS,
    'Starlark has no classes: use struct(name = value) or a dict for data, and functions that take it as a parameter',
  ],
  [token.WITH, 'Starlark has no with: call the function and use its result, as in f = open(path)'],
  [
    token.IMPORT,
    'Starlark has no import: write load("module.star", "name"); json, math, time and re need no load where the host offers them',
  ],
  [token.FROM, 'Starlark has no import: write load("module.star", "name")'],
  [token.DEL, 'Starlark has no del: write d.pop(key) for a dict, items.pop(index) for a list'],
  [
    token.GLOBAL,
    'Starlark has no global: a function cannot assign globals. Return the new value, or keep it in a dict: state = {"n": 0}, then state["n"] += 1',
  ],
  [
    token.NONLOCAL,
    'Starlark has no nonlocal: keep the value in a list or dict of the outer function: state = {"n": 0}, then state["n"] += 1',
  ],
  [token.YIELD, 'Starlark has no generators: append to a list and return it'],
  [token.ASYNC, 'Starlark has no async: a call waits for its result, so write plain def'],
  [token.AWAIT, 'Starlark has no await: a call waits for its result, so write the call alone'],
  [token.ELIF, 'elif must stand at the same indentation as the if before it'],
  [token.ELSE, 'else must stand at the same indentation as the if before it; Starlark loops have no else'],
]);

const listOfOne = 'write list(x) for a list of its items, or join lists with +: [a] + rest';

export const generatorHint = 'Starlark has no generator expressions: write a list comprehension, [x for x in items]';

/** The hint for a token that cannot stand where it does. */
export function expressionHint(scanner: Scanner, want: string): string | undefined {
  const { kind, text, start, previousKind } = scanner;
  switch (kind) {
    case token.IS:
      return /^is\s+not\b/.test(text.slice(start, start + 20))
        ? 'Starlark has no is: write != instead of is not'
        : 'Starlark has no is: write == instead of is';
    case token.STAR_STAR:
      return want === 'primary expression'
        ? 'Starlark has no ** in a dict literal: join dicts with |, as in {"a": 1} | other'
        : 'Starlark has no **: write x * x, 1 << n for a power of two, or math.pow(x, y)';
    case token.STAR:
      return want === 'primary expression'
        ? `Starlark unpacks only in calls: ${listOfOne}, and take parts with x[0], x[1:]`
        : undefined;
    case token.COLON:
      if (text.charAt(start + 1) === '=') return 'Starlark has no :=; assign with = in a statement of its own first';
      return undefined;
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
      return want === "')'" || want === "','" ? generatorHint : undefined;
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
    case token.AWAIT:
    case token.ASYNC:
      return statementHints.get(kind);
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

/** Reports `a < b < c` after `a < b` was read. */
export function chainedComparison(scanner: Scanner, left: Binary): void {
  const next = token.tokenText[scanner.kind] ?? '';
  const middle = quoted(scanner, left.right.start, left.right.end, 'b');
  const first = quoted(scanner, left.start, left.end, 'a < b');
  scanner.report(
    'SYNTAX_CHAINED_COMPARISON',
    `${left.operator} does not associate with ${next} (use parens)`,
    scanner.start,
    scanner.end,
    `Starlark has no chained comparison: write ${first} and ${middle} ${next} …`,
  );
}

/** Words that begin a statement elsewhere and are plain names here: `print "x"`, `assert x`, `match x:`. */
export function nameStatementHint(scanner: Scanner, expression: Expression): string | undefined {
  if (expression.kind !== 'Name') return undefined;
  const rest = quoted(scanner, scanner.start, restOfLine(scanner), '…');
  switch (expression.name) {
    case 'print':
      return `print is a function: write print(${rest})`;
    case 'exec':
      return 'Starlark has no exec: call a function instead';
    case 'assert': {
      const comma = rest.lastIndexOf(', ');
      const test = comma < 0 ? rest : rest.slice(0, comma);
      const message = comma < 0 ? '"assertion failed"' : rest.slice(comma + 2);
      return `Starlark has no assert statement: write if not (${test}): fail(${message})`;
    }
    case 'match':
    case 'switch':
    case 'case':
      return `Starlark has no ${expression.name}: write if / elif / else`;
    case 'var':
    case 'let':
    case 'const':
      return `variables are not declared: write ${rest}`;
    case 'function':
    case 'func':
    case 'fn':
      return 'functions begin with def: def name(parameters):';
    case 'elsif':
    case 'elseif':
      return 'write elif';
    case 'type':
      return 'Starlark has no type statement: write the type where it is used';
    default:
      return undefined;
  }
}

function restOfLine(scanner: Scanner): number {
  let end = scanner.start;
  while (end < scanner.length && !/[\r\n#]/.test(scanner.text.charAt(end))) end++;
  return end;
}

const raised = /^raise\s+[\w.]+\(\s*(.+?)\s*\)\s*(?:from\b.*)?$/s;
const imported = /^from\s+([\w.]+)\s+import\s+([\w\s,]+)$/;
const importedModule = /^import\s+([\w.]+)/;
const deleted = /^del\s+(.+)\[(.+)\]$/;
const declared = /^(?:global|nonlocal)\s+(\w+)/;

/** A hint for the statement that begins with this reserved word, with the replacement spelt out where it is plain. */
export function reservedStatementHint(scanner: Scanner): string | undefined {
  const general = statementHints.get(scanner.kind);
  const line = quoted(scanner, scanner.start, restOfLine(scanner), '');
  switch (scanner.kind) {
    case token.RAISE: {
      const message = raised.exec(line)?.[1];
      return message === undefined ? general : `Starlark has no raise: write fail(${message})`;
    }
    case token.FROM: {
      const match = imported.exec(line);
      return match === null
        ? general
        : `Starlark has no import: write load("${match[1]}.star", ${loadNames(match[2] ?? '')})`;
    }
    case token.IMPORT: {
      const name = importedModule.exec(line)?.[1];
      if (name === undefined) return general;
      return hostModules.has(name)
        ? `Starlark has no import: ${name} needs none, use ${name}.… directly where the host offers it`
        : general;
    }
    case token.DEL: {
      const match = deleted.exec(line);
      return match === null ? general : `Starlark has no del: write ${match[1]}.pop(${match[2]})`;
    }
    case token.GLOBAL: {
      const name = declared.exec(line)?.[1];
      return name === undefined
        ? general
        : `Starlark has no global: a function cannot assign globals. Return the new ${name}, or keep it in a dict: state = {"${name}": 0}, then state["${name}"] += 1`;
    }
    default:
      return general;
  }
}

const hostModules: ReadonlySet<string> = new Set(['json', 'math', 'time', 're', 'struct']);

function loadNames(list: string): string {
  return list
    .split(',')
    .map((item) => item.trim().split(/\s+as\s+/))
    .filter(([name]) => name !== '')
    .map(([name, alias]) => (alias === undefined ? `"${name}"` : `${alias} = "${name}"`))
    .join(', ');
}

import type { Expression } from './ast.ts';
import { quoted } from './habits.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

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

const caughtName = /^(?:[^\S\r\n]*)except\s*\(?\s*(\w+)/m;
const caughtHints: ReadonlyMap<string, string> = new Map([
  ['KeyError', 'Write d.get(key, default), or test with if key in d'],
  ['IndexError', 'Test the length first: items[i] if i < len(items) else default'],
  ['AttributeError', 'Write getattr(x, "name", default), or test with hasattr(x, "name")'],
  ['ValueError', 'Test the text first, such as int(text) if text.isdigit() else default'],
  ['TypeError', 'Test the type first, as in if type(x) == "string"'],
  ['ZeroDivisionError', 'Test the divisor first: a / b if b != 0 else default'],
]);
const opened = /^with\s+(.+?)\s+as\s+(\w+)\s*:/;
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
    case token.TRY: {
      const caught = caughtName.exec(scanner.text.slice(scanner.start, scanner.start + 2000))?.[1] ?? '';
      return `Starlark has no try/except: an error ends the program. ${caughtHints.get(caught) ?? 'Test for the condition first, with if'}`;
    }
    case token.WITH: {
      const match = opened.exec(line);
      return match === null
        ? general
        : `Starlark has no with: write ${match[2]} = ${match[1]}, and unindent what follows`;
    }
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

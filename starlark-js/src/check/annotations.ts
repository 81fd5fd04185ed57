import type { Finding } from '../diagnostic.ts';
import { nearest } from '../resolve/nearest.ts';
import type { Expression } from '../syntax/ast.ts';
import { ANY, NONE, named, type Type, unionOf } from './types.ts';

const names: ReadonlySet<string> = new Set([
  'Any',
  'any',
  'None',
  'NoneType',
  'int',
  'float',
  'str',
  'string',
  'bool',
  'bytes',
  'list',
  'tuple',
  'dict',
  'set',
  'range',
  'struct',
  'Callable',
  'callable',
  'function',
  'Iterable',
  'iterable',
  'Sequence',
  'module',
]);

/** Types that Python writes in another way. */
const habits: ReadonlyMap<string, string> = new Map([
  ['Optional', 'write str | None'],
  ['Union', 'write int | str'],
  ['List', 'write list'],
  ['Dict', 'write dict'],
  ['Tuple', 'write tuple'],
  ['Set', 'write set'],
  ['object', 'write Any'],
  ['number', 'write int | float'],
  ['boolean', 'write bool'],
]);

/** Reads an annotation; what is no type is reported and counts as `Any`. */
export function readAnnotation(node: Expression, report: (finding: Finding) => void): Type {
  switch (node.kind) {
    case 'Name':
      return readName(node.name, node, report);
    case 'Parenthesized':
      return readAnnotation(node.expression, report);
    case 'Dot':
      return ANY;
    case 'Binary':
      if (node.operator === '|')
        return unionOf([readAnnotation(node.left, report), readAnnotation(node.right, report)]);
      break;
    case 'Index': {
      if (node.object.kind !== 'Name') break;
      const type = readName(node.object.name, node.object, report);
      const inside = node.index.kind === 'Tuple' ? node.index.items : [node.index];
      if (type === ANY) return ANY;
      return type.kind === 'name' ? named(type.name, ...inside.map((each) => readAnnotation(each, report))) : type;
    }
    default:
  }
  report({
    start: node.start,
    end: node.end,
    code: 'CHECK_ANNOTATION',
    message: 'this is not a type',
    hint: 'a type is a name such as int, list[str], dict[str, int] or str | None',
  });
  return ANY;
}

function readName(name: string, node: Expression, report: (finding: Finding) => void): Type {
  if (name === 'None' || name === 'NoneType') return NONE;
  if (names.has(name)) return named(name);
  const near = nearest(name, names);
  report({
    start: node.start,
    end: node.end,
    // A host may have types of its own, which nothing here knows of.
    severity: habits.has(name) || near !== null ? 'error' : 'warning',
    code: 'CHECK_ANNOTATION',
    message: `unknown type: ${name}${near === null ? '' : ` (did you mean ${near}?)`}`,
    hint: habits.get(name),
  });
  return ANY;
}

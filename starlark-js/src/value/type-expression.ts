import { StarlarkBytes } from './bytes.ts';
import { StarlarkCallable } from './callable.ts';
import { StarlarkDict } from './dict.ts';
import { isFloat, isInt } from './float.ts';
import { StarlarkList } from './list.ts';
import { StarlarkSet } from './set.ts';
import { StarlarkTuple } from './tuple.ts';
import { typeName } from './type-name.ts';
import type { Value } from './value.ts';

/** A type as annotations and signatures write it: `int`, `list[str]`, `tuple[int, ...]`, `str | None`. */
export type TypeExpression =
  | { readonly kind: 'name'; readonly name: string; readonly parameters: readonly TypeExpression[] }
  | { readonly kind: 'union'; readonly members: readonly TypeExpression[] };

const TOKEN = /\s*([A-Za-z_][\w.]*|\.\.\.|[[\],|])\s*/y;

/** Reads a type. Throws a `TypeError` that names the text when it is none. */
export function parseType(text: string): TypeExpression {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new TypeError(`type "${text}": unexpected "${text.slice(at)}"`);
    tokens.push(token);
  }
  let next = 0;
  const union = (): TypeExpression => {
    const members = [single()];
    while (tokens[next] === '|') {
      next++;
      members.push(single());
    }
    return members.length === 1 ? members[0]! : { kind: 'union', members };
  };
  const single = (): TypeExpression => {
    const name = tokens[next++];
    if (name === undefined || /^[[\],|]$/.test(name)) throw new TypeError(`type "${text}": expected a name`);
    const parameters: TypeExpression[] = [];
    if (tokens[next] === '[') {
      do {
        next++;
        parameters.push(union());
      } while (tokens[next] === ',');
      if (tokens[next++] !== ']') throw new TypeError(`type "${text}": expected "]"`);
    }
    return { kind: 'name', name, parameters };
  };
  const type = union();
  if (next < tokens.length) throw new TypeError(`type "${text}": unexpected "${tokens[next]}"`);
  return type;
}

/** The text of a type, as messages print it. */
export function typeText(type: TypeExpression): string {
  if (type.kind === 'union') return type.members.map(typeText).join(' | ');
  return type.parameters.length === 0 ? type.name : `${type.name}[${type.parameters.map(typeText).join(', ')}]`;
}

const CHECKED_ELEMENTS = 1000;

/** Whether a value has the type. Of long containers the first elements are looked at, so that a check stays cheap. */
export function acceptsType(type: TypeExpression, v: Value): boolean {
  if (type.kind === 'union') return type.members.some((member) => acceptsType(member, v));
  const [first, second] = type.parameters;
  switch (type.name) {
    case 'Any':
    case 'any':
      return true;
    case 'None':
    case 'NoneType':
      return v === null;
    case 'int':
      return isInt(v);
    case 'float':
      return isFloat(v) || isInt(v);
    case 'str':
    case 'string':
      return typeof v === 'string';
    case 'bool':
      return typeof v === 'boolean';
    case 'bytes':
      return v instanceof StarlarkBytes;
    case 'list':
      return v instanceof StarlarkList && acceptsEach(first, v.items);
    case 'tuple':
      return v instanceof StarlarkTuple && acceptsTuple(type.parameters, v.items);
    case 'set':
      return v instanceof StarlarkSet && acceptsEach(first, v.keys());
    case 'dict':
      return v instanceof StarlarkDict && acceptsEach(first, v.keys()) && acceptsEach(second, v.map.values());
    case 'Callable':
    case 'callable':
    case 'function':
      return v instanceof StarlarkCallable;
    case 'Iterable':
    case 'iterable':
    case 'Sequence':
      return typeof v === 'object' && v !== null && v.iterate() !== undefined;
    default:
      return typeName(v) === type.name;
  }
}

function acceptsEach(type: TypeExpression | undefined, elements: Iterable<Value>): boolean {
  if (type === undefined) return true;
  let count = 0;
  for (const element of elements) {
    if (!acceptsType(type, element)) return false;
    if (++count === CHECKED_ELEMENTS) break;
  }
  return true;
}

/** `tuple[int, str]` tells each element, `tuple[int, ...]` all of them. */
function acceptsTuple(types: readonly TypeExpression[], items: readonly Value[]): boolean {
  if (types.length === 0) return true;
  const last = types[types.length - 1]!;
  if (types.length === 2 && last.kind === 'name' && last.name === '...') return acceptsEach(types[0], items);
  return types.length === items.length && types.every((type, i) => acceptsType(type, items[i]!));
}

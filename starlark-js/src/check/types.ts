import { parseType, type TypeExpression, typeText } from '../value/type-expression.ts';

/** A type of the checker is a type as annotations write it; what nothing is known of is `Any`. */
export type Type = TypeExpression;

export function named(name: string, ...parameters: Type[]): Type {
  return { kind: 'name', name, parameters };
}

export const ANY: Type = named('Any');
export const NONE: Type = named('None');
export const INT: Type = named('int');
export const FLOAT: Type = named('float');
export const STR: Type = named('str');
export const BOOL: Type = named('bool');
export const FUNCTION: Type = named('function');

/** One name for each built-in type, whatever an annotation calls it. */
const canonical: ReadonlyMap<string, string> = new Map([
  ['string', 'str'],
  ['NoneType', 'None'],
  ['any', 'Any'],
  ['Callable', 'function'],
  ['callable', 'function'],
  ['builtin_function_or_method', 'function'],
  ['iterable', 'Iterable'],
  ['Sequence', 'Iterable'],
]);

/** The types whose values the checker knows everything about. */
export const builtinTypes: ReadonlySet<string> = new Set([
  'None',
  'int',
  'float',
  'str',
  'bool',
  'bytes',
  'list',
  'tuple',
  'dict',
  'set',
  'range',
  'function',
]);

export function nameOf(type: Type): string {
  return type.kind === 'union' ? 'union' : (canonical.get(type.name) ?? type.name);
}

export function members(type: Type): readonly Type[] {
  return type.kind === 'union' ? type.members : [type];
}

export function isAny(type: Type): boolean {
  return members(type).some((member) => nameOf(member) === 'Any');
}

const MOST_MEMBERS = 6;

export function unionOf(types: readonly Type[]): Type {
  const distinct = new Map<string, Type>();
  for (const type of types) for (const member of members(type)) distinct.set(typeText(member), member);
  const all = [...distinct.values()];
  if (all.length === 1) return all[0]!;
  return all.length === 0 || all.length > MOST_MEMBERS || all.some(isAny) ? ANY : { kind: 'union', members: all };
}

/** The element type of a container of `types`; none when nothing definite can be said. */
export function containerOf(name: string, ...elements: (readonly Type[])[]): Type {
  const parameters = elements.map(unionOf);
  return parameters.some(isAny) ? named(name) : named(name, ...parameters);
}

const iterables: ReadonlySet<string> = new Set(['list', 'tuple', 'dict', 'set', 'range', 'bytes', 'Iterable']);

/** Whether some value of `from` may be a value of `to`: only what is certainly wrong is reported. */
export function mayBe(from: Type, to: Type): boolean {
  return members(from).some((source) => members(to).some((target) => memberMayBe(source, target)));
}

function memberMayBe(from: Type, to: Type): boolean {
  const [source, target] = [nameOf(from), nameOf(to)];
  if (source === 'Any' || target === 'Any') return true;
  if (target === 'Iterable') return iterables.has(source) || !builtinTypes.has(source);
  if (source === 'Iterable') return iterables.has(target) || !builtinTypes.has(target);
  if (source === 'int' && target === 'float') return true;
  if (source !== target) return !builtinTypes.has(source) && !builtinTypes.has(target) && source === target;
  if (from.kind === 'union' || to.kind === 'union') return true;
  if (source === 'tuple') return true;
  return from.parameters.every((parameter, index) => {
    const wanted = to.parameters[index];
    return wanted === undefined || mayBe(parameter, wanted);
  });
}

/** What a loop over a value of `type` gives; null when it is certainly not iterable. */
export function elementType(type: Type): Type | null {
  const found: Type[] = [];
  for (const member of members(type)) {
    const name = nameOf(member);
    if (name === 'range' || name === 'bytes') found.push(INT);
    else if (iterables.has(name)) found.push(elementOfMember(member));
    else if (!builtinTypes.has(name)) return ANY;
  }
  return found.length === 0 ? null : unionOf(found);
}

function elementOfMember(type: Type): Type {
  if (type.kind === 'union') return ANY;
  const [first, second] = type.parameters;
  if (first === undefined) return ANY;
  if (nameOf(type) !== 'tuple') return first;
  return second !== undefined && nameOf(second) === '...' ? first : unionOf(type.parameters);
}

/** Reads the type in a signature of ours or of the host. */
export function readType(text: string): Type {
  try {
    return parseType(text);
  } catch (error) {
    if (error instanceof TypeError) return ANY;
    throw error;
  }
}

export function show(type: Type): string {
  return typeText(type);
}

/** The name of a type in run-time messages: `string` for `str`. */
export function runtimeName(type: Type): string {
  if (type.kind === 'union') return typeText(type);
  const name = nameOf(type);
  return name === 'str' ? 'string' : name === 'None' ? 'NoneType' : name;
}

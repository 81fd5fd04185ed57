/**
 * What the compiler knows of a value before it exists.
 *
 * - `int` is a raw number that is a safe integer, `integer` an int of any size.
 * - `double` is the one representation that is not a `Value`: a float kept as a bare number even when it is integral,
 *   infinite or not a number. It is boxed where it leaves a variable of the function.
 */
export type StaticType =
  | 'bottom'
  | 'int'
  | 'integer'
  | 'double'
  | 'string'
  | 'bool'
  | 'none'
  | 'list'
  | 'dict'
  | 'tuple'
  | 'any';

export function join(a: StaticType, b: StaticType): StaticType {
  if (a === b || b === 'bottom') return a;
  if (a === 'bottom') return b;
  if ((a === 'int' || a === 'integer') && (b === 'int' || b === 'integer')) return 'integer';
  return 'any';
}

export function isIntegral(type: StaticType): boolean {
  return type === 'int' || type === 'integer';
}

export function isNumeric(type: StaticType): boolean {
  return type === 'int' || type === 'integer' || type === 'double';
}

/** The results of universal functions, whatever their arguments. */
export const builtinResults: ReadonlyMap<string, StaticType> = new Map<string, StaticType>([
  ['len', 'int'],
  ['str', 'string'],
  ['repr', 'string'],
  ['type', 'string'],
  ['chr', 'string'],
  ['ord', 'int'],
  ['hash', 'int'],
  ['bool', 'bool'],
  ['any', 'bool'],
  ['all', 'bool'],
  ['hasattr', 'bool'],
  ['int', 'integer'],
  ['list', 'list'],
  ['sorted', 'list'],
  ['reversed', 'list'],
  ['enumerate', 'list'],
  ['zip', 'list'],
  ['dir', 'list'],
  ['dict', 'dict'],
  ['tuple', 'tuple'],
  ['print', 'none'],
]);

/** The results of methods of values whose type is known. */
export const methodResults: ReadonlyMap<string, StaticType> = new Map<string, StaticType>([
  ...[
    'capitalize',
    'format',
    'join',
    'lower',
    'lstrip',
    'removeprefix',
    'removesuffix',
    'replace',
    'rstrip',
    'strip',
    'title',
    'upper',
  ].map((name): [string, StaticType] => [`string.${name}`, 'string']),
  ...['count', 'find', 'index', 'rfind', 'rindex'].map((name): [string, StaticType] => [`string.${name}`, 'int']),
  ...['endswith', 'isalnum', 'isalpha', 'isdigit', 'islower', 'isspace', 'istitle', 'isupper', 'startswith'].map(
    (name): [string, StaticType] => [`string.${name}`, 'bool'],
  ),
  ...['split', 'rsplit', 'splitlines'].map((name): [string, StaticType] => [`string.${name}`, 'list']),
  ...['partition', 'rpartition'].map((name): [string, StaticType] => [`string.${name}`, 'tuple']),
  ...['keys', 'values', 'items'].map((name): [string, StaticType] => [`dict.${name}`, 'list']),
  ['list.index', 'int'],
  ['list.append', 'none'],
  ['list.extend', 'none'],
]);

import { Random } from './random.ts';
import type { Program } from './statements.ts';

/** Values of every type, small and at the edges. Text is ASCII, for the unit of a string is another matter. */
const VALUES = [
  '0', '1', '-1', '2', '3', '7', '1 << 31', '1 << 40', '1 << 64', '-(1 << 64)', '0.0', '1.5', '-2.5', '1e20',
  'float("nan")', 'float("inf")', '""', '"a"', '"abc"', '"a b"', '"A,b,,C"', '"  x "', '"12"', '"%s"', '"{}"', 'b""',
  'b"abc"', '[]', '[1]', '[3, 1, 2]', '["a", "b"]', '[[1, 2], [3]]', '[1.0, 2]', '[("a", 1), ("b", 2)]', '{}',
  '{"a": 1}', '{1: "x", 2: "y"}', 'set()', 'set([1, 2])', '()', '(1,)', '(1, 2)', '("a", "b")', 'range(3)',
  'range(5, 0, -2)', 'None', 'True', 'False', 'len', 'str', 'lambda v: v', 'lambda: 1', '"abc".elems()',
  'b"ab".elems()', '"abc".codepoints()',
]; // biome-ignore format: a table

interface Receiver {
  readonly values: readonly string[];
  readonly methods: readonly string[];
  /** Arguments that its methods are made for. */
  readonly fitting: readonly string[];
}

const RECEIVERS: readonly Receiver[] = [
  {
    values: ['"abc,d e"', '"  Ab\\nc "', '"banana"', '""'],
    methods: [
      'capitalize', 'count', 'elems', 'elem_ords', 'codepoints', 'codepoint_ords', 'endswith', 'find', 'format',
      'index', 'isalnum', 'isalpha', 'isdigit', 'islower', 'isspace', 'istitle', 'isupper', 'join', 'lower', 'lstrip',
      'partition', 'removeprefix', 'removesuffix', 'replace', 'rfind', 'rindex', 'rpartition', 'rsplit', 'rstrip',
      'split', 'splitlines', 'startswith', 'strip', 'title', 'upper',
    ], // biome-ignore format: a table
    fitting: ['"a"', '" "', '"an"', '","', '""', '0', '1', '2', '-1', 'None', '["x", "y"]', '("a", "b")', 'True'],
  },
  {
    values: ['[1, 2, 3]', '[]', '["a", "b", "a"]'],
    methods: ['append', 'clear', 'extend', 'index', 'insert', 'pop', 'remove'],
    fitting: ['0', '1', '2', '-1', '"a"', '[4]', '(5, 6)', '{"k": 1}', 'x'],
  },
  {
    values: ['{"a": 1, "b": 2}', '{}', '{1: [2], (1, 2): 3}'],
    methods: ['clear', 'get', 'items', 'keys', 'pop', 'popitem', 'setdefault', 'update', 'values'],
    fitting: ['"a"', '"z"', '1', '1.0', '(1, 2)', '{"z": 3}', '[("a", 4)]', 'None', 'x'],
  },
  {
    values: ['set([1, 2, 3])', 'set()', 'set(["a", 1])'],
    methods: [
      'add', 'clear', 'difference', 'discard', 'intersection', 'issubset', 'issuperset', 'pop', 'remove',
      'symmetric_difference', 'union', 'update',
    ], // biome-ignore format: a table
    fitting: ['1', '1.0', '"a"', '[2, 3]', 'set([3, 4])', '(1,)', '{1: 2}', 'range(4)', 'x'],
  },
  { values: ['b"abc"', 'b""'], methods: ['elems'], fitting: ['b"b"', '98'] },
  { values: ['range(5)', '(1, 2)', '3', '1.5', 'None'], methods: ['index'], fitting: ['1'] },
];

/** starlark-go does not survive these without an argument. */
const NEEDS_ARGUMENT = /^(?:difference|intersection|issubset|issuperset|symmetric_difference|union)$/;

/** Of mathematics only what is exact: the last digit of the others is a matter of the machine. */
const FUNCTIONS = [
  'abs', 'all', 'any', 'bool', 'bytes', 'chr', 'dict', 'enumerate', 'fail', 'float', 'getattr', 'hasattr', 'hash', 'int',
  'len', 'list', 'max', 'min', 'ord', 'print', 'range', 'repr', 'reversed', 'set', 'sorted', 'str', 'tuple', 'type',
  'zip', 'json.encode', 'json.decode', 'json.indent', 'math.sqrt', 'math.ceil', 'math.floor', 'math.mod', 'math.fabs',
  'math.round', 'math.copysign', 'math.remainder',
]; // biome-ignore format: a table

const OPERATORS = [
  '+', '-', '*', '/', '//', '%', '&', '|', '^', '<<', '>>', '==', '!=', '<', '<=', '>', '>=', 'in', 'not in', 'and', 'or',
]; // biome-ignore format: a table

const NAMED = [
  'key = len', 'key = lambda v: str(v)', 'reverse = True', 'default = 0', 'base = 10', 'sep = "-"', 'a = 1',
  'maxsplit = 1', 'start = 1', 'prefix = "x"', 'indent = "  "',
]; // biome-ignore format: a table

const CONVERSIONS = ['%d', '%s %s', '%x', '%r', '%c', '%f', '%e', '%%', '%g|%s', '%', '%z', '%(a)s', '%o', '%i'];
const TEMPLATES = ['{}', '{0} {1}', '{a}', '{!r}', '{', '}', '{{}}', '{} {0}'];

/** The program of a seed: one call or operator, on values that fit or on any. */
export function generateCall(seed: number): Program {
  const random = new Random(seed);
  const receiver = random.pick(RECEIVERS);
  const lines = [`x = ${random.pick(receiver.values)}`];
  const kind = random.next();
  if (kind < 0.4) lines.push(`y = ${methodCall(random, receiver)}`, 'print(type(y), y)');
  else if (kind < 0.8) lines.push(`y = ${operation(random)}`, 'print(type(y), y)');
  else if (kind < 0.9) lines.push(`x ${random.pick(OPERATORS.slice(0, 11))}= ${fitting(random, receiver)}`);
  else if (kind < 0.95) lines.push(`x[${fitting(random, receiver)}] = ${random.pick(VALUES)}`, 'print(x[0:2])');
  else lines.push(`for v in ${random.pick(VALUES)}:`, `    print(v, ${operator(random, 'v')})`, 'a, b = x', 'print(a)');
  return { seed, lines: [...lines, 'print(x)'] };
}

function methodCall(random: Random, { methods, fitting: pool }: Receiver): string {
  const method = random.chance(0.9) ? random.pick(methods) : random.pick(random.pick(RECEIVERS).methods);
  const given = random.chance(0.8) ? random.many(0, 2, () => random.pick(pool)).join(', ') : operands(random);
  return `x.${method}(${given === '' && NEEDS_ARGUMENT.test(method) ? '[]' : given})`;
}

function fitting(random: Random, receiver: Receiver): string {
  return random.pick(random.chance(0.6) ? [...receiver.values, ...receiver.fitting] : VALUES);
}

function operation(random: Random): string {
  const value = (): string => random.pick(VALUES);
  const kind = random.next();
  if (kind < 0.4) return `${random.pick(FUNCTIONS)}(${operands(random)})`;
  if (kind < 0.65) return operator(random, value());
  if (kind < 0.73) return `(${value()})[${value()}]`;
  if (kind < 0.83) {
    const [start, stop, step] = [0.3, 0.3, 0.5].map((absent) =>
      random.chance(absent) ? '' : random.chance(0.8) ? String(random.between(-3, 4)) : value(),
    );
    return `(${value()})[${start}:${stop}:${step}]`;
  }
  if (kind < 0.9) return `"${random.pick(CONVERSIONS)}" % (${random.chance(0.2) ? '1, "a"' : value()})`;
  if (kind < 0.96) return `"${random.pick(TEMPLATES)}".format(${operands(random)})`;
  return `${random.pick(['-', '+', '~', 'not '])}(${value()})`;
}

function operator(random: Random, left: string): string {
  return `(${left}) ${random.pick(OPERATORS)} (${random.pick(VALUES)})`;
}

function operands(random: Random): string {
  const given = random.many(0, 3, () => random.pick(VALUES));
  const kind = random.next();
  if (kind < 0.12) given.push(random.pick(NAMED));
  else if (kind < 0.16) given.push(`*${random.pick(VALUES)}`);
  else if (kind < 0.19) given.push(`**${random.pick(VALUES)}`);
  return given.join(', ');
}

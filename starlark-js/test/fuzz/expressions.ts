import {
  bytesLiteral,
  floatLiteral,
  intLiteral,
  smallInt,
  stringLiteral,
  unicodeLiteral,
  wideLiteral,
} from './literals.ts';
import type { Random } from './random.ts';

/**
 * The type a generated expression usually has: `ints` and `strings` are lists. Text beyond ASCII is kept apart, for
 * its length and its slices depend on the unit of a string: `text` and `texts` never flow into other types.
 */
const PLAIN_KINDS = ['int', 'float', 'bool', 'string', 'ints', 'strings', 'tuple', 'dict', 'set'] as const;
export const KINDS = [...PLAIN_KINDS, 'text', 'texts', 'bytes'] as const;
export type Kind = (typeof KINDS)[number];

export interface Variable {
  readonly name: string;
  readonly kind: Kind;
}

/** What an expression may refer to, and how often it is deliberately of the wrong type. */
export interface Scope {
  readonly random: Random;
  readonly variables: readonly Variable[];
  readonly wrongness: number;
  /** Nothing is written that is meant to fail: what remains are values that do not fit. */
  readonly isCareful: boolean;
  /** Strings hold text beyond ASCII: for implementations that agree on the unit of a string. */
  readonly isWide: boolean;
}

type Producer = (scope: Scope, depth: number) => string;

/** An expression of the given kind, of at most `depth` nested operations. */
export function expression(scope: Scope, wanted: Kind, depth: number): string {
  const { random } = scope;
  const kind = random.chance(scope.wrongness) ? random.pick(PLAIN_KINDS) : wanted;
  if (random.chance(0.35)) {
    const known = scope.variables.filter((variable) => variable.kind === kind);
    if (known.length > 0) return random.pick(known).name;
  }
  if (depth <= 0) return leaf(scope, kind);
  if (random.chance(0.06)) {
    const [then, test, otherwise] = [kind, 'bool', kind].map((each) => expression(scope, each as Kind, depth - 1));
    return `(${then} if ${test} else ${otherwise})`;
  }
  return random.pick(PRODUCERS[kind])(scope, depth - 1);
}

function leaf(scope: Scope, kind: Kind): string {
  const { random } = scope;
  switch (kind) {
    case 'int': return intLiteral(random);
    case 'float': return floatLiteral(random);
    case 'bool': return random.pick(['True', 'False']);
    case 'string': return word(scope, 0);
    case 'text': return unicodeLiteral(random);
    case 'texts': return `[${random.many(0, 3, () => unicodeLiteral(random)).join(', ')}]`;
    case 'bytes': return bytesLiteral(random);
    case 'ints': return `[${random.many(0, 4, () => intLiteral(random)).join(', ')}]`;
    case 'strings': return `[${random.many(0, 4, () => stringLiteral(random)).join(', ')}]`;
    case 'tuple': return `(${random.many(1, 3, () => leaf(scope, random.pick(['int', 'string', 'float']))).join(', ')},)`;
    case 'dict': return dictLiteral(scope);
    case 'set': return `set([${random.many(0, 4, () => intLiteral(random)).join(', ')}])`;
  }
} // biome-ignore format: a table

function dictLiteral({ random, isCareful }: Scope): string {
  const keys = new Set(random.many(0, 4, () => stringLiteral(random)));
  // A key that is there twice is a run-time error: wanted, but seldom.
  const written = random.chance(0.03) && !isCareful ? [...keys, ...keys] : [...keys];
  return `{${written.map((key) => `${key}: ${intLiteral(random)}`).join(', ')}}`;
}

const e =
  (kind: Kind): Producer =>
  (scope, depth) =>
    expression(scope, kind, depth);
const any: Producer = (scope, depth) => expression(scope, scope.random.pick(PLAIN_KINDS), depth);
const small: Producer = (scope) => smallInt(scope.random);
const count: Producer = (scope) => smallInt(scope.random, -1, 4);
const word: Producer = ({ random, isWide }) =>
  isWide && random.chance(0.4) ? wideLiteral(random) : stringLiteral(random);

/** A producer from a template: `$0`, `$1`, … are the parts. */
function form(template: string, ...parts: Producer[]): Producer {
  return (scope, depth) => template.replace(/\$(\d)/g, (_, index: string) => parts[Number(index)]!(scope, depth));
}

const choice =
  (...options: readonly string[]): Producer =>
  (scope) =>
    scope.random.pick(options);

const bound: Producer = (scope) => (scope.random.chance(0.3) ? '' : smallInt(scope.random));
const stride: Producer = (scope) => scope.random.pick(['', ':', ':1', ':2', ':-1', ':-2', ':3']);
const slice = (kind: Kind): Producer => form('$0[$1:$2$3]', e(kind), bound, bound, stride);

/** Mostly the usual producer, now and then the one that is likely to fail. */
function seldom(unusual: Producer, usual: Producer): Producer {
  return (scope, depth) => (scope.random.chance(0.05) && !scope.isCareful ? unusual : usual)(scope, depth);
}

const separator = seldom(word, choice('","', '" "', '"a"', '"an"', '";"', '"\\n"'));
const divisor = seldom(
  (scope, depth) => number(scope, depth),
  // No int of them repeats a string for a gigabyte, for now and then a string stands on the other side.
  choice('3', '-7', '0.1', '2.5', '-0.3', '10000000019', '1e10', '4294967296', '1e-9', '7.0'),
);
const key: Producer = (scope, depth) => expression(scope, scope.random.pick(['int', 'float', 'string', 'bool']), depth);

const COMPARISON = choice('<', '<=', '>', '>=', '==', '!=');
const ARITHMETIC = choice('+', '-', '*');
const DIVISION = choice('//', '%');
const BITWISE = choice('&', '|', '^');
const number: Producer = (scope, depth) => expression(scope, scope.random.chance(0.6) ? 'float' : 'int', depth);
const CONVERSION = choice('%d', '%s', '%r', '%x', '%X', '%o', '%e', '%f', '%g', '%E', '%G', '%i');

/** `"..." % (...)`: conversions and operands that mostly fit. */
const interpolation: Producer = (scope, depth) => {
  const conversions = scope.random.many(1, 3, () => CONVERSION(scope, depth));
  const missing = scope.random.chance(0.03) && !scope.isCareful ? 1 : 0;
  const operands = conversions
    .slice(missing)
    .map((conversion) => (conversion === '%s' || conversion === '%r' ? any(scope, depth) : number(scope, depth)));
  return `("${conversions.join('|')}" % (${operands.map((operand) => `${operand}, `).join('')}))`;
};

const CHARACTER_TEST = choice('isalpha', 'isdigit', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle');
const KEY = choice('lambda v: -v', 'lambda v: v % 3', 'lambda v: str(v)', 'lambda v: (v % 2, v)', 'abs');

const PRODUCERS: Readonly<Record<Kind, readonly Producer[]>> = {
  int: [
    form('($0 $1 $2)', e('int'), ARITHMETIC, e('int')),
    form(
      '($0 $1 $2)',
      e('int'),
      DIVISION,
      seldom(e('int'), choice('3', '-7', '10', '4294967296', '9007199254740993', '-1', '1000000007')),
    ),
    form('($0 $1 $2)', e('int'), BITWISE, e('int')),
    form('($0 $1 $2)', e('int'), choice('<<', '>>'), (scope) => smallInt(scope.random, 0, 80)),
    form('$0$1', choice('-', '~', '+'), e('int')),
    form('abs($0)', e('int')),
    form(
      'len($0)',
      seldom(any, (scope, depth) =>
        expression(scope, scope.random.pick(['string', 'ints', 'dict', 'tuple', 'set']), depth),
      ),
    ),
    form('int($0)', choice('"12"', '"-7"', '"0x1f", 16', '"zz", 36', '"0b11", 0', '3.99', '-2.5', 'True', '"9" * 20')),
    form('int($0)', e('float')),
    form(
      '$0[$1]',
      e('ints'),
      seldom(small, () => '0'),
    ),
    form('($0 + [1, 2, 3])[$1]', e('ints'), choice('0', '1', '2', '-1', '-2', '-3')),
    form('$0($1, $2)', choice('min', 'max'), e('int'), e('int')),
    form('$0($1 + [4, -4])', choice('min', 'max'), e('ints')),
    form('$0.$1($2)', e('string'), choice('find', 'rfind', 'count'), word),
    form('hash($0)', e('string')),
    form('hash($0)', choice('"é"', '"日本"', '"\\uffffж"')),
    form('$0.get($1, $2)', e('dict'), word, e('int')),
    form('($0 | {$1: 8})[$1]', e('dict'), e('string')),
    seldom(form('$0[$1]', e('dict'), word), form('len($0)', e('dict'))),
    form('ord($0)', seldom(choice('"ab"', '""'), choice('"a"', '"Z"', '"é"', '"😀"'))),
    form(
      '(($0 * $1 + $2) % $3)',
      e('int'),
      e('int'),
      e('int'),
      choice('1000003', '97', '4294967296', '4294967291', '2147483647'),
    ),
    form('(($0 * $1) & $2)', e('int'), e('int'), choice('0xffffffff', '0xffff', '0xffffffffffffffff')),
  ],
  float: [
    form('($0 $1 $2)', number, choice('+', '-', '*', '/', '//', '%'), divisor),
    form('($0 $1 $2)', e('float'), choice('+', '-', '*', '/'), divisor),
    form('($0 / $1)', e('int'), divisor),
    form('float($0)', e('int')),
    form('float($0)', choice('"1.5"', '"1e10"', '"-inf"', '"NaN"', '".5"', 'True')),
    form('-$0', e('float')),
    form('abs($0)', e('float')),
    form('$0($1, $2)', choice('min', 'max'), number, number),
    form('math.$0($1)', choice('sqrt', 'fabs'), e('float')),
  ],
  bool: [
    form('($0 $1 $2)', number, COMPARISON, number),
    form('($0 $1 $2)', e('int'), COMPARISON, e('int')),
    form('($0 $1 $2)', e('string'), COMPARISON, e('string')),
    form('($0 $1 $2)', e('text'), COMPARISON, e('text')),
    form('($0 $1 $2)', e('ints'), COMPARISON, e('ints')),
    form('($0 $1 $2)', e('tuple'), choice('==', '!='), e('tuple')),
    form('($0 $1 $2)', any, choice('==', '!='), any),
    form('($0 $1 $2)', e('bool'), choice('and', 'or'), e('bool')),
    form('(not $0)', any),
    form('($0 $1 $2)', e('int'), choice('in', 'not in'), e('ints')),
    form('($0 $1 $2)', word, choice('in', 'not in'), e('string')),
    form('($0 $1 $2)', word, choice('in', 'not in'), e('dict')),
    form('($0 $1 $2)', number, choice('in', 'not in'), e('set')),
    form('$0.$1()', e('string'), (scope, depth) => {
      const test = CHARACTER_TEST(scope, depth);
      // starlark-go knows no capital beyond Z in a title, which the specification does not say.
      return scope.isWide && test === 'istitle' ? 'isupper' : test;
    }),
    form('$0.$1($2)', e('string'), choice('startswith', 'endswith'), word),
    form('$0($1)', choice('any', 'all'), e('ints')),
    form('bool($0)', any),
    form('hasattr($0, "$1")', any, choice('append', 'split', 'keys', 'nope', 'constructor', '__proto__')),
  ],
  string: [
    form('($0 + $1)', e('string'), e('string')),
    form('($0 * $1)', e('string'), count),
    form('str($0)', any),
    form('repr($0)', any),
    form('type($0)', any),
    slice('string'),
    form('($0 + "xyz")[$1]', e('string'), seldom(small, choice('0', '1', '2', '-1', '-3'))),
    interpolation,
    interpolation,
    form('"{} {}".format($0, $1)', any, any),
    form('"{1}{0!r}".format($0, $1)', any, any),
    form('"{k}-{{{}}}".format($0, k=$1)', any, any),
    form('$0.$1()', e('string'), choice('upper', 'lower', 'title', 'capitalize', 'strip', 'lstrip', 'rstrip')),
    form('$0.$1($2)', e('string'), choice('strip', 'lstrip', 'rstrip', 'removeprefix', 'removesuffix'), word),
    form('$0.replace($1, $2)', e('string'), word, word),
    form('$0.replace($1, $2, $3)', e('string'), word, word, count),
    form('$0.join($1)', word, e('strings')),
    form('($0 + ["w"])[$1]', e('strings'), seldom(small, choice('0', '-1'))),
    form('chr($0)', choice('65', '97', '10', '0')),
    form('json.encode($0)', (scope, depth) =>
      expression(scope, scope.random.pick(['int', 'string', 'ints', 'dict', 'tuple']), depth),
    ),
  ],
  text: [
    form('($0 + $1)', e('text'), e('text')),
    form('repr($0)', e('text')),
    form('chr($0)', choice('233', '128512', '65535')),
    form('"{}".format($0)', e('text')),
    form('$0.join([$1, $2])', e('text'), e('text'), e('text')),
    form('$0.replace($1, $2)', e('text'), choice('"é"', '"a"', '"😀"'), e('text')),
    form('max($0, $1)', e('text'), e('text')),
    form('($0 + $1).upper()', e('text'), choice('"ﬀ"', '"ŉ"', '"ᾳ"')),
    form('$0.$1()', e('text'), choice('upper', 'lower', 'title', 'capitalize', 'strip')),
    form('$0.$1($2)', e('text'), choice('removeprefix', 'removesuffix', 'strip'), choice('"é"', '"a"', '"😀"')),
  ],
  texts: [
    form('list($0.codepoints())', e('text')),
    form('list($0.codepoint_ords())', e('text')),
    form('sorted([$0, $1, $2])', e('text'), e('text'), e('text')),
    form('{$0: 1}', e('text')),
    form('{$0: $1, $2: $3}', key, any, key, any),
    form('set([$0, $1, $2])', key, key, key),
    form('($0, $1)', e('text'), e('bytes')),
    form('[$0 < $1, $0 == $2]', e('text'), e('text'), e('text')),
    form('$0.split($1)', e('text'), choice('"é"', '"a"', '"😀"', '"-"')),
    form('str($0)', e('bytes')),
    form('$0.$1()', e('text'), choice('isalpha', 'isalnum', 'isdigit', 'isspace')),
    form('$0.$1()', choice('"É"', '"é"', '"Éa"', '"日本"', '"Ωω"', '"-"'), choice('isupper', 'islower')),
    form('$0.$1($2)', e('text'), choice('startswith', 'endswith', 'partition', 'count'), choice('"é"', '"a"', '"😀"')),
  ],
  bytes: [
    form('($0 + $1)', e('bytes'), e('bytes')),
    form('($0 * $1)', e('bytes'), count),
    slice('bytes'),
    form('bytes($0)', e('text')),
    form('bytes($0)', seldom(choice('[256]', '[-1]', '1'), choice('[1, 2, 255]', '[]', 'range(3)'))),
  ],
  ints: [
    form('($0 + $1)', e('ints'), e('ints')),
    form('($0 * $1)', e('ints'), count),
    slice('ints'),
    form('list(range($0))', choice('5', '2, 7', '10, 0, -3', '0', '-1', '3, -3, -2')),
    form('[v $0 $1 for v in $2]', choice('+', '*', '%', '//', '-'), e('int'), e('ints')),
    form('[v for v in $0 if $1]', e('ints'), choice('v % 2', 'v > 3', 'v == 0', 'v and True', 'not v')),
    form('[v * w for v in $0 for w in $1]', e('ints'), e('ints')),
    form('sorted($0$1)', e('ints'), choice('', ', reverse=True')),
    form('sorted($0, key=$1)', e('ints'), KEY),
    form('reversed($0)', e('ints')),
    form('list($0)', e('set')),
    form('sorted($0.intersection($1))', e('set'), e('ints')),
    form('$0.values()', e('dict')),
    form('[i + v for i, v in enumerate($0)]', e('ints')),
    form('[a - b for a, b in zip($0, $1)]', e('ints'), e('ints')),
    form(
      'json.decode($0)',
      choice('"[1, 2]"', '"[]"', '"[1.5, 3]"', '"[123456789012345678901234567890]"', '"[-0, 0]"'),
    ),
  ],
  strings: [
    form('($0 + $1)', e('strings'), e('strings')),
    slice('strings'),
    form('$0.split($1)', e('string'), separator),
    form('$0.$1()', e('string'), choice('split', 'rsplit')),
    form('$0.$1($2, $3)', e('string'), choice('split', 'rsplit'), separator, count),
    form('list($0.elems())', e('string')),
    form('$0.keys()', e('dict')),
    form('list($0.partition($1))', e('string'), separator),
    form('list($0.rpartition($1))', e('string'), separator),
    form('sorted($0$1)', e('strings'), choice('', ', reverse=True', ', key=len', ', key=lambda s: s.lower()')),
    form('[$0 % v for v in $1]', choice('"%s!"', '"<%r>"', '"%d"'), e('ints')),
  ],
  tuple: [
    form('($0 + $1)', e('tuple'), e('tuple')),
    form('($0 * $1)', e('tuple'), count),
    slice('tuple'),
    form('($0, $1)', any, any),
    form('tuple($0)', e('ints')),
    form('tuple($0.items())', e('dict')),
    form('$0.partition($1)', e('string'), separator),
  ],
  dict: [
    form('($0 | $1)', e('dict'), e('dict')),
    form('dict($0)', e('dict')),
    form('dict(a=$0, b=$1)', e('int'), e('int')),
    form(
      '{k: v for k, v in $0.items() if $1}',
      e('dict'),
      seldom(choice('v > 2', 'k < "c"'), choice('v', 'k', 'v != 2')),
    ),
    form('{str(v): v for v in $0}', e('ints')),
    form('dict(zip($0, $1))', e('strings'), e('ints')),
    form('{$0: $1, $2: $3}', e('string'), e('int'), e('string'), e('int')),
  ],
  set: [
    form('($0 $1 $2)', e('set'), choice('|', '&', '-', '^'), e('set')),
    form('set($0)', e('ints')),
    form('$0.$1($2)', e('set'), choice('union', 'difference'), e('ints')),
    form('$0.symmetric_difference(set($1))', e('set'), e('ints')),
    form('set([len(k) for k in $0])', e('dict')),
  ],
};

import type { Random } from '../fuzz/random.ts';

/** Receivers of every type with methods: small, empty and big. */
const RECEIVERS = [
  '""', '"a,b c\\n"', 'BIG_STRING', 'WIDE_STRING', 'b"ab"', 'BIG_BYTES', '[]', '[3, 1, 2]', 'BIG_LIST', '{}', '{"a": 1}',
  'BIG_DICT', 'set()', 'set([1, 2])', 'BIG_SET', '"ab".elems()', 'BIG_STRING.codepoints()', 'json', 'math', 'time',
]; // biome-ignore format: a table

const ARGUMENTS = [
  '0', '-1', '1 << 31', '1 << 53', '1 << 62', '-(1 << 62)', 'HUGE_INT', '1e308', 'float("nan")', 'float("inf")', '""',
  '"a"', 'BIG_STRING', 'WIDE_STRING', 'BIG_BYTES', '[]', 'BIG_LIST', 'BIG_STRINGS', '[BIG_STRING] * 1000', 'DEEP', 'CYCLE',
  'BIG_DICT', 'BIG_SET', 'range(1 << 40)', 'range(-(1 << 60), 1 << 60, 3)', '()', '("a",) * 100000', 'None', 'True', 'len',
  'lambda *a, **k: BIG_STRING', 'NINES', 'DEEP_JSON', '"%s" * 100000', '"{}" * 100000', '"{0}" * 100000', 'enumerate',
]; // biome-ignore format: a table

const FUNCTIONS = [
  'abs', 'all', 'any', 'bool', 'bytes', 'chr', 'dict', 'dir', 'enumerate', 'fail', 'float', 'getattr', 'hasattr', 'hash',
  'int', 'len', 'list', 'max', 'min', 'ord', 'print', 'range', 'repr', 'reversed', 'set', 'sorted', 'str', 'struct', 'tuple',
  'type', 'zip',
]; // biome-ignore format: a table

const OPERATORS = ['+', '-', '*', '/', '//', '%', '&', '|', '^', '<<', '>>', '==', '<', 'in', 'not in'];

/** What the calls are made with; big enough to hurt if a built-in did not count what it makes of it. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  BIG_STRING: 'BIG_STRING = "ab " * 300000',
  WIDE_STRING: 'WIDE_STRING = "\\u4e16\\U0001F600" * 100000',
  BIG_BYTES: 'BIG_BYTES = bytes("ab " * 300000)',
  BIG_LIST: 'BIG_LIST = list(range(200000))',
  BIG_STRINGS: 'BIG_STRINGS = ["x" * 50] * 20000',
  BIG_DICT: 'BIG_DICT = {str(i): i for i in range(50000)}',
  BIG_SET: 'BIG_SET = set(range(50000))',
  NINES: 'NINES = "9" * 300000',
  HUGE_INT: 'HUGE_INT = 3\nfor _ in range(16):\n    HUGE_INT = HUGE_INT * HUGE_INT',
  DEEP: 'DEEP = []\nfor _ in range(100000):\n    DEEP = [DEEP]',
  CYCLE: 'CYCLE = []\nCYCLE.append(CYCLE)',
  DEEP_JSON: 'DEEP_JSON = "[" * 100000 + "]" * 100000',
};

/** The program that makes one call, with the definitions that the call uses. */
export function hugeProgram(call: string): string {
  const used = Object.entries(DEFINITIONS).filter(([name]) => new RegExp(`\\b${name}\\b`).test(call));
  return `${used.map(([, text]) => `${text}\n`).join('')}def main(): return ${call}\nRESULT = main()\n`;
}

/** One call per line, as an expression. Methods are found by `dir`, so that a new one is tested without being named here. */
export function hugeCalls(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => {
    const given = random.many(0, 3, () => random.pick(ARGUMENTS));
    const kind = random.next();
    if (kind < 0.25) return `${random.pick(FUNCTIONS)}(${given.join(', ')})`;
    if (kind < 0.4) return `(${random.pick(ARGUMENTS)}) ${random.pick(OPERATORS)} (${random.pick(ARGUMENTS)})`;
    if (kind < 0.45)
      return `(${random.pick(ARGUMENTS)})[${random.pick(ARGUMENTS)}:${random.pick(ARGUMENTS)}:${random.pick(['1', '-1', '2'])}]`;
    const receiver = random.pick(RECEIVERS);
    const index = random.between(0, 200);
    return `getattr(${receiver}, (dir(${receiver}) * 200)[${index}])(${given.join(', ')})`;
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, type Module, repr, StarlarkError, Thread, type Value } from '../index.ts';

/**
 * The compiler writes an operation in many ways: as a call in code that runs once, in line in loops, for literals, for
 * variables of a known type, for parameters. All of them have to give what the call gives, errors included.
 */

const operands = [
  '0',
  '1',
  '-1',
  '7',
  '-3',
  '53',
  '2147483647',
  '-2147483648',
  '4294967296',
  '9007199254740991',
  '-9007199254740991',
  '9007199254740992',
  '1180591620717411303424',
  '0.5',
  '-2.5',
  '0.0',
  '-0.0',
  '1.0',
  '1e300',
  'float("inf")',
  'float("-inf")',
  'float("nan")',
  'True',
  'None',
  '"a"',
  '""',
  '"%s-%d"',
  '[1]',
  '[]',
  '(1,)',
  '(1, 2)',
  '{1: 2}',
  'set([1])',
  'range(3)',
  'len',
];

const binary = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '&',
  '|',
  '^',
  '<<',
  '>>',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not in',
  'and',
  'or',
];

function outcome(module: Module, name: string, values: readonly Value[] = []): string {
  try {
    const result = module.call(name, values);
    return `${repr(result)}`;
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    assert.notEqual(error.code, 'INTERNAL', `${name}: ${error.message}`);
    return `${error.code} ${error.message}`;
  }
}

function run(text: string): Module {
  const { program, diagnostics } = compile(text);
  assert.deepEqual(diagnostics, []);
  return program!.run(new Thread());
}

const values = operands.map((text) => run(`x = ${text}\n`).get('x')!);

/** Shifts by astronomical counts only make large integers. */
function isCheap(operator: string, right: string): boolean {
  return operator !== '<<' || !/\d{4}/.test(right);
}

/** Ways to write `a OPERATOR b`; `A` and `B` stand for the operands' source. */
const ways: Readonly<Record<string, (operation: (a: string, b: string) => string, a: string, b: string) => string>> = {
  literals: (operation, a, b) => `    for _ in range(1):\n        r = ${operation(a, b)}\n    return r\n`,
  variables: (operation, a, b) =>
    `    x = ${a}\n    y = ${b}\n    for _ in range(1):\n        r = ${operation('x', 'y')}\n    return r\n`,
  condition: (operation, a, b) =>
    `    x = ${a}\n    for _ in range(1):\n        r = True if ${operation('x', b)} else False\n    return r\n`,
};

for (const operator of binary) {
  const operation = (a: string, b: string): string => `${a} ${operator} ${b}`;
  const plain = run(`def f(x, y):\n    return ${operation('x', 'y')}\n`);
  const pairs = operands.flatMap((a, i) =>
    operands.flatMap((b, j) => (isCheap(operator, b) ? [{ a, b, x: values[i]!, y: values[j]!, id: `${i}_${j}` }] : [])),
  );
  const expected = new Map(pairs.map(({ x, y, id }) => [id, outcome(plain, 'f', [x, y])]));

  test(`${operator} of parameters in a loop is what it is outside`, () => {
    const looped = run(`def f(x, y):\n    for _ in range(1):\n        r = ${operation('x', 'y')}\n    return r\n`);
    for (const { a, b, x, y, id } of pairs)
      assert.equal(outcome(looped, 'f', [x, y]), expected.get(id), operation(a, b));
  });

  for (const [way, write] of Object.entries(ways)) {
    test(`${operator} of ${way} in a loop is what it is outside`, () => {
      const source = pairs.map(({ a, b, id }) => `def f${id}():\n${write(operation, `(${a})`, `(${b})`)}`).join('');
      const module = run(source);
      for (const { a, b, id } of pairs) {
        const wanted = expected.get(id)!;
        const given = outcome(module, `f${id}`);
        if (way !== 'condition' || /^[A-Z_]+ /.test(wanted)) assert.equal(given, wanted, operation(a, b));
      }
    });
  }
}

test('in-place operators in a loop do what they do outside', () => {
  // Operands are made anew for each call, because a list, a dict or a set is changed.
  const made = run(operands.map((text, i) => `def v${i}():\n    return ${text}\n`).join(''));
  for (const operator of ['+', '-', '*', '|', '&', '^', '%']) {
    const plain = run(`def f(x, y):\n    x ${operator}= y\n    return x\n`);
    const looped = run(`def f(x, y):\n    for _ in range(1):\n        x ${operator}= y\n    return x\n`);
    const element = run(
      `def f(x, y):\n    d = {"k": x}\n    for _ in range(1):\n        d["k"] ${operator}= y\n    return d["k"]\n`,
    );
    for (const [i, a] of operands.entries())
      for (const [j, b] of operands.entries()) {
        const fresh = (): Value[] => [made.call(`v${i}`), made.call(`v${j}`)];
        const wanted = outcome(plain, 'f', fresh());
        assert.equal(outcome(looped, 'f', fresh()), wanted, `${a} ${operator}= ${b}`);
        assert.equal(outcome(element, 'f', fresh()), wanted, `d["k"] = ${a}; d["k"] ${operator}= ${b}`);
      }
  }
});

test('indexing and slicing in a loop do what they do outside', () => {
  for (const [outside, inside] of [
    ['x[y]', 'x[y]'],
    ['x[y:]', 'x[y:]'],
    ['x[:y]', 'x[:y]'],
    ['x[y:2]', 'x[y:2]'],
    ['x[1:y]', 'x[1:y]'],
  ]) {
    const plain = run(`def f(x, y):\n    return ${outside}\n`);
    const looped = run(`def f(x, y):\n    for _ in range(1):\n        r = ${inside}\n    return r\n`);
    const keyed = run(
      operands
        .map(
          (b, j) =>
            `def f${j}(x):\n    for _ in range(1):\n        r = ${outside!.replace('y', `(${b})`)}\n    return r\n`,
        )
        .join(''),
    );
    for (const [i, x] of values.entries())
      for (const [j, y] of values.entries()) {
        const wanted = outcome(plain, 'f', [x, y]);
        assert.equal(outcome(looped, 'f', [x, y]), wanted, `${operands[i]} ${outside} ${operands[j]}`);
        assert.equal(outcome(keyed, `f${j}`, [x]), wanted, `${operands[i]} ${outside} ${operands[j]} as a literal`);
      }
  }
});

test('formats that are put together in place give what the operators give', () => {
  const formats = ['%s', '%d', '%r', '%s%%', 'a%sb%dc%r', '%s %s', '100%%', ''];
  for (const format of formats)
    for (const operand of [...operands, '(1, 2, 3)', '("x", 2)', '((1,),)']) {
      const wanted = outcome(run(`def f(t, x):\n    return t % x\n`), 'f', [format, run(`x = ${operand}\n`).get('x')!]);
      const given = run(
        `def f():\n    for _ in range(1):\n        r = "${format}" % ${operand}\n    return r\ndef g(x):\n    for _ in range(1):\n        r = "${format}" % x\n    return r\n`,
      );
      assert.equal(outcome(given, 'f'), wanted, `${format} % ${operand}`);
      assert.equal(outcome(given, 'g', [run(`x = ${operand}\n`).get('x')!]), wanted, `${format} % x, x = ${operand}`);
    }
  for (const template of [
    '{}',
    '{0}',
    '{1}{0}',
    '{a}',
    '{} {a}',
    '{{}}',
    '{',
    '}',
    '{}{0}',
    '',
    '{2}',
    '{b}',
    '{0}{0}',
  ])
    assert.equal(
      outcome(
        run(`def f():\n    for _ in range(1):\n        r = "${template}".format(1, "x", a = 2.0)\n    return r\n`),
        'f',
      ),
      outcome(run(`def f(t):\n    return t.format(1, "x", a = 2.0)\n`), 'f', [template]),
      template,
    );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScriptHost } from './testing/script-host.ts';

const forecast = `
def run(city: str, days: int = 3, *, unit: str = "C", factor: float = 1.0, tags: list[str] = [], note: str | None = None) -> str:
    """Forecasts the weather.

    Uses the nearest station.

    Args:
      city: name of the city,
        with its country
      days: how many days

    Returns:
      one line
    """
    return "%s %d %s %s %s %s" % (city, days, unit, factor, tags, note)
`;

test('a typed run is a tool named as the file, with a schema made of signature and docstring', async () => {
  await using host = await createScriptHost(forecast, { name: 'my-weather' });
  const tool = host.capabilities.get('tool:my_weather');
  assert.equal(tool?.description, 'Forecasts the weather.\n\nUses the nearest station.\n\nReturns: one line');
  assert.deepEqual(tool?.parameters, {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'name of the city, with its country' },
      days: { type: 'integer', description: 'how many days', default: 3 },
      unit: { type: 'string', default: 'C' },
      factor: { type: 'number', default: 1 },
      tags: { type: 'array', items: { type: 'string' }, default: [] },
      note: { type: 'string' },
    },
    required: ['city'],
    additionalProperties: false,
  });
});

test('arguments are checked, converted and given by name', async () => {
  await using host = await createScriptHost(forecast);
  assert.equal(await host.tool('sample', { city: 'Oslo', factor: 2, tags: ['a'] }), 'Oslo 3 C 2.0 ["a"] None');
  await assert.rejects(host.tool('sample', { days: 1 }), { code: 'BAD_ARGUMENTS', message: /city: is required/ });
  await assert.rejects(host.tool('sample', { city: 'Oslo', town: 1 }), { code: 'BAD_ARGUMENTS', message: /town/ });
});

test('the same function is there for extension_run, which has texts only', async () => {
  await using host = await createScriptHost(forecast);
  assert.deepEqual(await host.call('service:sample.run', { city: 'Oslo', days: '5' }), {
    output: 'Oslo 5 C 1.0 [] None',
  });
});

test('a result keeps its form, and what was printed stands beside it', async () => {
  const source =
    'def run(n: int):\n    "Counts."\n    if n > 1:\n        print("many")\n    return {"n": n, "half": n / 2, "none": None, "set": set([1])}\n';
  await using host = await createScriptHost(source);
  assert.deepEqual(await host.tool('sample', { n: 1 }), { n: 1, half: 0.5, none: null, set: [1] });
  assert.deepEqual(await host.tool('sample', { n: 2 }), {
    result: { n: 2, half: 1, none: null, set: [1] },
    output: 'many\n',
  });
});

test('unions, dicts and anything become what JSON Schema says of them', async () => {
  const source =
    'def run(a: int | str, b: dict[str, float], c: Any, d, e: list | None, **rest):\n    "Types."\n    return [a, b, c, d, e, rest]\n';
  await using host = await createScriptHost(source);
  const tool = host.capabilities.get('tool:sample');
  assert.deepEqual(tool?.parameters, {
    type: 'object',
    properties: {
      a: { type: ['integer', 'string'] },
      b: { type: 'object', additionalProperties: { type: 'number' } },
      c: {},
      d: {},
      e: { type: ['array', 'null'] },
    },
    required: ['a', 'b', 'c', 'd', 'e'],
    additionalProperties: true,
  });
  const given = { a: 1, b: { x: 2 }, c: [true], d: 'd', e: null, more: 'm' };
  assert.deepEqual(await host.tool('sample', given), [1, { x: 2 }, [true], 'd', null, { more: 'm' }]);
});

test('a result that JSON cannot hold is an error that names its place', async () => {
  await using host = await createScriptHost(
    'def run(kind: str):\n    "Odd."\n    return {"a": [len if kind == "function" else float(kind)]}\n',
  );
  await assert.rejects(
    host.tool('sample', { kind: 'function' }),
    /the result of run: cannot convert \$\["a"\]\[0\] to JSON/,
  );
  await assert.rejects(
    host.tool('sample', { kind: 'nan' }),
    /the result of run\.a\[0\] is NaN, which JSON cannot hold/,
  );
});

test('run(args) with a docstring stays the original’s', async () => {
  await using host = await createScriptHost('def run(args):\n    "Says hello."\n    return "hi"\n');
  assert.equal(host.capabilities.has('tool:sample'), false);
  assert.deepEqual(await host.call('service:sample.run', {}), { output: 'hi' });
});

test('a refusal of the script is its own words, with their place, and no bug', async () => {
  const source =
    'def check(city):\n    if city == "":\n        fail("city is empty")\ndef run(city: str):\n    "Looks."\n    print("looking")\n    check(city)\n';
  await using host = await createScriptHost(source);
  await assert.rejects(host.tool('sample', { city: '' }), {
    code: 'CONFLICT',
    message: 'city is empty (sample.star:3)',
    details: { phase: 'run', output: 'looking\n' },
  });
});

test('an error is told once: its message, its open calls, and what helps', async () => {
  const source = 'def run(city: str):\n    "Looks."\n    return {"Oslo": 1}[city]\n';
  await using host = await createScriptHost(source);
  await assert.rejects(host.tool('sample', { city: 'oslo' }), {
    code: 'INTERNAL',
    message: `sample.star: key "oslo" not in dict
Traceback (most recent call last):
  sample.star:3:23: in run
     3 |     return {"Oslo": 1}[city]
       |                       ^^^^^^
  note: Did you mean "Oslo"?
  note: Use d.get(key, default) where a key may be missing.`,
  });
});

test('a failure of the library is a bug of the script, at its own place', async () => {
  const source = 'load("@std//math.star", "math")\ndef run(city: str):\n    "Looks."\n    return math.mean([])\n';
  await using host = await createScriptHost(source);
  await assert.rejects(host.tool('sample', { city: 'oslo' }), {
    code: 'INTERNAL',
    message: /^sample\.star: math\.mean: numbers is empty\nTraceback .*\n {2}sample\.star:4:16: in run\n/,
  });
});

test('a value that cannot change is told with where to keep what does', async () => {
  const source = 'seen = {}\ndef run(city: str):\n    "Looks."\n    seen[city] = 1\n';
  await using host = await createScriptHost(source);
  await assert.rejects(host.tool('sample', { city: 'oslo' }), /frozen.*\n[\s\S]*keep what changes with kv \(kv\.set/);
});

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

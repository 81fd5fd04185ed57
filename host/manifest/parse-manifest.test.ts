import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { manifestOf } from './manifest-of.ts';
import { parseEngine, parseManifest } from './parse-manifest.ts';

test('a manifest of a name alone gets every default', () => {
  assert.deepEqual(parseManifest({ name: 'tasks' }), {
    manifest: {
      name: 'tasks',
      version: '0.0.0',
      description: '',
      engine: '1',
      requires: [],
      optional: [],
      permissions: [],
      tables: [],
      leases: [],
      config: null,
      settings: [],
      probes: [],
      limits: { memoryMb: 256, startMs: 10_000, drainMs: 30_000 },
      placement: 'process',
      idle: 'stay',
      protected: false,
      services: [],
    },
  });
});

test('every problem is told at once, with its field', () => {
  const parsed = parseManifest({
    version: 3,
    tables: ['a b'],
    limits: { drainMs: -1 },
    placement: 'moon',
    services: [{ name: 'x', command: [] }],
    extra: true,
  });
  assert.deepEqual('problems' in parsed && parsed.problems.map(({ path }) => path).sort(), [
    'extra',
    'limits.drainMs',
    'name',
    'placement',
    'services[0].command',
    'tables[0]',
    'version',
  ]);
});

test('names, permissions and protocols that mean nothing are told', () => {
  const parsed = parseManifest({
    name: 'x',
    engine: '7-9',
    requires: ['memory'],
    optional: ['magic:x'],
    permissions: ['http', 'shell'],
    probes: [{ name: 'p', call: 'x' }],
  });
  assert.ok('problems' in parsed);
  assert.deepEqual(
    parsed.problems.map(({ path }) => path),
    ['engine', 'requires[0]', 'optional[0]', 'permissions[0]', 'probes[0].call'],
  );
  assert.match(parsed.problems[0]!.message, /asks for protocol 7-9; this host speaks 1-1/);
});

for (const name of ['Tasks', '1x', 'a_b', '__proto__', 'x'.repeat(49), '', '../x']) {
  test(`${JSON.stringify(name)} is no name of a plugin`, () => assert.ok('problems' in parseManifest({ name })));
}

test('partial limits keep their other defaults', () => {
  const parsed = parseManifest({ name: 'x', limits: { memoryMb: 64 } });
  assert.deepEqual('manifest' in parsed && parsed.manifest.limits, { memoryMb: 64, startMs: 10_000, drainMs: 30_000 });
});

test('an engine is a protocol or a range of them', () => {
  assert.deepEqual(
    [parseEngine('2'), parseEngine('1-3')],
    [
      { min: 2, max: 2 },
      { min: 1, max: 3 },
    ],
  );
});

test('a definition states its manifest in its own fields, its configuration as JSON Schema', () => {
  const definition = definePlugin({
    name: 'x',
    version: '1.0.0',
    config: z.object({ size: z.number().default(3) }),
    setup() {},
  });
  const manifest = manifestOf(definition as never);
  assert.deepEqual(manifest, {
    name: 'x',
    version: '1.0.0',
    config: { type: 'object', properties: { size: { type: 'number', default: 3 } } },
  });
  assert.ok('manifest' in parseManifest(manifest));
});

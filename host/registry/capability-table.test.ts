import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CapabilityKind } from '@clay/sdk';
import { CapabilityTable } from './capability-table.ts';
import type { Capability } from './registry.ts';

const one = (kind: CapabilityKind, name: string, plugin = 'p', generation = 1): Capability => ({
  kind,
  name,
  fullName: `${kind}:${name}`,
  plugin,
  generation,
  description: '',
  parameters: null,
  details: {},
});

test('capabilities are listed by kind, sorted, and the version grows with each change', () => {
  const table = new CapabilityTable();
  let changes = 0;
  const stop = table.onChange(() => {
    changes += 1;
  });
  table.replace('p', [one('tool', 'b'), one('tool', 'a'), one('prompt', 'c')]);
  assert.deepEqual(
    table.list('tool').map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal(table.list('tool'), table.list('tool'), 'a list is made once for each version');
  assert.equal(table.get('prompt:c')?.name, 'c');
  assert.equal(table.get('tool:constructor'), undefined);
  table.replace('p', [one('tool', 'b')]);
  assert.deepEqual(table.list('prompt'), []);
  assert.deepEqual([table.version, changes], [2, 2]);
  stop();
  table.replace('p', []);
  assert.deepEqual([table.version, changes], [3, 2]);
});

test('a name has one owner, and a refused set changes nothing', () => {
  const table = new CapabilityTable();
  table.replace('p', [one('tool', 'a')]);
  assert.throws(() => table.replace('q', [one('tool', 'b', 'q'), one('tool', 'a', 'q')]), {
    code: 'CONFLICT',
    message: 'tool:a is provided by plugin "p" already; plugin "q" cannot provide it too.',
  });
  assert.deepEqual(
    table.list('tool').map(({ plugin }) => plugin),
    ['p'],
  );
  assert.equal(table.version, 1);
});

test('a retired generation takes only its own names with it', () => {
  const table = new CapabilityTable();
  table.replace('p', [one('tool', 'a', 'p', 1)]);
  table.replace('p', [one('tool', 'a', 'p', 2)]);
  table.remove('p', 1);
  assert.equal(table.get('tool:a')?.generation, 2);
  assert.equal(table.version, 2);
});

test('what a plugin offers stays beside what it declares, and never takes a name that somebody has', () => {
  const table = new CapabilityTable();
  table.replace('p', [one('tool', 'own')]);
  table.replace('q', [one('tool', 'theirs', 'q')]);
  const offered = (name: string) => ({ ...one('tool', name, 'p', 0), via: 'service:p.run' });
  const taken = table.offer('p', [offered('own'), offered('theirs'), offered('new')]);
  assert.deepEqual(
    [...taken],
    [
      ['tool:own', 'p'],
      ['tool:theirs', 'q'],
    ],
  );
  table.replace('p', [one('tool', 'other', 'p', 2)]);
  table.remove('p', 2);
  assert.deepEqual(
    table.list('tool').map(({ name }) => name),
    ['new', 'theirs'],
  );
  assert.throws(() => table.replace('q', [one('tool', 'new', 'q')]), { code: 'CONFLICT' });
  table.offer('p', [offered('newer')]);
  assert.equal(table.get('tool:new'), undefined);
  assert.equal(table.get('tool:newer')?.via, 'service:p.run');
});

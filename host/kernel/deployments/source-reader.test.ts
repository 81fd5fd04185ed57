import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { readClawSource } from './source-reader.ts';
import { createVolume } from './testing/volume.ts';

const volume = createVolume();
const read = (path: string) => readClawSource(path, volume.root) as JsonObject;
const notThere = {
  code: 'NOT_FOUND',
  message: /There is no source .*\. Begin at plugins, sdk, examples, starlark-stdlib\./,
};

before(() => {
  volume.write({
    'plugins/tasks/index.ts': 'tasks',
    'plugins/tasks/node_modules/x/index.ts': 'foreign',
    'plugins/tasks/.env': 'secret',
    'plugins/secret/.git/config': 'secret',
    'sdk/src/index.ts': 'x'.repeat(70_000),
    'data/token': 'secret',
    'plugins-of-mine/x.ts': 'other',
  });
  mkdirSync(join(volume.root, 'examples'));
  symlinkSync('../data/token', join(volume.root, 'plugins', 'token'));
  symlinkSync('../../data', join(volume.root, 'plugins', 'tasks', 'data'));
  symlinkSync('index.ts', join(volume.root, 'plugins', 'tasks', 'same.ts'));
});
after(() => volume[Symbol.dispose]());

test('a folder is listed, without installed packages and hidden files, and a file is read', () => {
  assert.deepEqual(read(''), { path: '', entries: ['plugins', 'sdk', 'examples'] });
  assert.deepEqual(read('/plugins/tasks/'), { path: 'plugins/tasks', entries: ['data', 'index.ts', 'same.ts'] });
  assert.deepEqual(read('plugins/tasks/index.ts'), { path: 'plugins/tasks/index.ts', text: 'tasks', isCut: false });
  assert.equal(read('plugins/tasks/same.ts').text, 'tasks');
});

test('a long file is cut, and says so', () => {
  const { text, isCut } = read('sdk/src/index.ts');
  assert.deepEqual([String(text).length, isCut], [60_000, true]);
});

for (const path of [
  'data/token',
  '../etc/passwd',
  'plugins/../data/token',
  'plugins/tasks/../../data/token',
  'plugins/token',
  'plugins/tasks/data/token',
  'plugins/tasks/node_modules/x/index.ts',
  'plugins/tasks/.env',
  'plugins/secret/.git/config',
  'plugins-of-mine/x.ts',
  '.',
  '..',
  'plugins/nowhere.ts',
  'plugins/tasks/index.ts/x',
  'plugins/\0',
])
  test(`${JSON.stringify(path)} is no source`, () => {
    assert.throws(() => read(path), notThere);
  });

test('without sources beside the claw, that is told', () => {
  assert.throws(() => readClawSource('', null), { code: 'NOT_FOUND', message: /CLAY_SRC/ });
});

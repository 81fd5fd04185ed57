import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissions } from '@clay/sdk';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { nodeFlags } from './node-flags.ts';

const paths = { root: '/c', data: '/c/data', soul: '/s', public: '/p', extensions: '/e' };
const folder = '/c/data/generations/x/3';

function allowed(granted: readonly string[]): readonly string[] {
  const parsed = parseManifest({ name: 'x', limits: { memoryMb: 64 } });
  assert.ok('manifest' in parsed);
  const flags = nodeFlags({ manifest: parsed.manifest, permissions: granted, paths, folder, isOtherUser: false });
  assert.ok(flags.includes('--permission') && flags.includes('--max-old-space-size=64'));
  assert.ok(flags.includes('--no-experimental-sqlite') && flags.includes('--no-addons'));
  return flags.filter((flag) => flag.startsWith('--allow'));
}

const own = [`--allow-fs-read=${folder}`, `--allow-fs-read=${folder}/*`];

/** What each granted permission adds. */
const table: readonly (readonly [string, readonly string[]])[] = [
  ['fs.read:public', ['--allow-fs-read=/p', '--allow-fs-read=/p/*']],
  ['fs.read:public/a', ['--allow-fs-read=/p/a', '--allow-fs-read=/p/a/*']],
  ['fs.write:soul', ['--allow-fs-write=/s', '--allow-fs-write=/s/*']],
  ['fs.read:files/x', ['--allow-fs-read=/c/data/files/x', '--allow-fs-read=/c/data/files/x/*']],
  ['fs.read:extensions', ['--allow-fs-read=/e', '--allow-fs-read=/e/*']],
  ['fs.read:data/extensions', ['--allow-fs-read=/e', '--allow-fs-read=/e/*']],
  ['fs.write:notes/', ['--allow-fs-write=/c/notes', '--allow-fs-write=/c/notes/*']],
  ['shell', ['--allow-child-process']],
  ['http:*', []],
  ['spawn:git', []],
  ['listen:4242', []],
  ['secret:A@b.c', []],
  ['call:tool:x', []],
];

for (const [granted, flags] of table) {
  test(`"${granted}" adds ${flags.join(' ') || 'no flag'}`, () =>
    assert.deepEqual(allowed([granted]), [...own, ...flags]));
}

test('no permission whatever opens workers, addons, WASI or the network', () => {
  const argument = {
    none: '',
    host: ':*',
    secret: ':A@b.c',
    path: ':x',
    capability: ':tool:x',
    port: ':1',
    command: ':x',
  };
  const all = Object.entries(permissions).map(([name, kind]) => `${name}${argument[kind.argument]}`);
  for (const flag of allowed(all)) assert.match(flag, /^--allow-(fs-(read|write)=\/|child-process$)/);
});

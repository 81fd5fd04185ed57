import assert from 'node:assert/strict';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import { type BuiltPlugin, hashBuild, manifestText } from '../built-plugin.ts';
import { failureOf, temporaryFolder } from '../testing/sources.ts';
import { writeGeneration } from './generation-folder.ts';
import { verifyGeneration } from './verify-generation.ts';

function builtPlugin(code = 'export default 1;\n'): BuiltPlugin {
  const parsed = parseManifest({ name: 'dice' });
  assert.ok('manifest' in parsed);
  const { manifest } = parsed;
  const bytes = Buffer.from(code);
  return {
    name: 'dice',
    manifest,
    code: bytes,
    map: Buffer.from('{}'),
    hash: hashBuild(bytes, manifestText(manifest)),
    sourceDigest: 'a'.repeat(64),
    summary: { modules: { 'index.ts': 17 }, sdkBytes: 0, packages: {}, builtins: [] },
    warnings: [],
  };
}

async function written(generations: string) {
  const build = builtPlugin();
  return { build, ...(await writeGeneration(generations, 3, build, 1000)) };
}

test('a generation appears whole under its number, read-only, and passes its own check', async () => {
  using folder = temporaryFolder();
  const { build, folder: place, main } = await written(folder.path);
  assert.equal(place, join(folder.path, 'dice', '3'));
  assert.deepEqual(readdirSync(join(folder.path, 'dice')), ['3']);
  assert.deepEqual(readdirSync(place).sort(), ['build.json', 'main.mjs', 'main.mjs.map', 'plugin.json']);
  assert.equal(statSync(main).mode & 0o222, 0);
  const verified = await verifyGeneration(place, build.hash);
  assert.equal(verified.main, main);
  assert.deepEqual(verified.manifest, build.manifest);
  assert.equal(verified.record.generation, 3);
});

test('a number is given once', async () => {
  using folder = temporaryFolder();
  const { main } = await written(folder.path);
  const error = await failureOf(writeGeneration(folder.path, 3, builtPlugin('export default 2;\n'), 1));
  assert.equal(error.code, 'CONFLICT');
  assert.equal(readFileSync(main, 'utf8'), 'export default 1;\n');
  assert.deepEqual(readdirSync(join(folder.path, 'dice')), ['3']);
});

for (const [what, damage, message] of [
  [
    'a changed bundle',
    (place: string) => rewrite(join(place, 'main.mjs'), 'export default 9;\n'),
    /main\.mjs is not the file that was built; bundle and manifest have the hash/,
  ],
  [
    'a bundle cut short',
    (place: string) => truncateSync(join(place, 'main.mjs'), 3),
    /main\.mjs is not the file that was built/,
  ],
  [
    'a changed map',
    (place: string) => rewrite(join(place, 'main.mjs.map'), '{"a":1}'),
    /main\.mjs\.map is not the file/,
  ],
  [
    'a manifest with more rights',
    (place: string) => rewrite(join(place, 'plugin.json'), '{"name":"dice","permissions":["shell"]}'),
    /plugin\.json is not the file/,
  ],
  ['a missing manifest', (place: string) => rmSync(join(place, 'plugin.json')), /plugin\.json is missing/],
  ['an empty record', (place: string) => rewrite(join(place, 'build.json'), ''), /build\.json is not a record/],
  ['a file too many', (place: string) => writeFileSync(join(place, 'node.mjs'), ''), /node\.mjs does not belong/],
  ['a link in place of a file', (place: string) => relink(join(place, 'main.mjs')), /main\.mjs is not a regular file/],
] as const) {
  test(`${what} is refused by name`, async () => {
    using folder = temporaryFolder();
    const { folder: place } = await written(folder.path);
    damage(place);
    const error = await failureOf(verifyGeneration(place));
    assert.equal(error.code, 'REFUSED');
    assert.match(error.message, message);
  });
}

test('a folder that was changed together with its record is known by the journal’s hash', async () => {
  using folder = temporaryFolder();
  const { build, folder: place } = await written(folder.path);
  rmSync(place, { recursive: true });
  await writeGeneration(folder.path, 3, builtPlugin('export default 9;\n'), 1000);
  await verifyGeneration(place);
  assert.match((await failureOf(verifyGeneration(place, build.hash))).message, /but the journal knows/);
});

test('what a dying host left half written is no generation', async () => {
  using folder = temporaryFolder({ 'dice/.4.x/main.mjs': 'export' });
  assert.match(
    (await failureOf(verifyGeneration(join(folder.path, 'dice', '.4.x')))).message,
    /build\.json is missing/,
  );
  assert.match((await failureOf(verifyGeneration(join(folder.path, 'dice', '4')))).message, /There is no generation/);
});

function rewrite(path: string, text: string): void {
  rmSync(path);
  writeFileSync(path, text);
}

function relink(path: string): void {
  const target = `${path}.real`;
  writeFileSync(target, 'export default 1;\n');
  rmSync(path);
  symlinkSync(target, path);
  assert.ok(existsSync(path));
}

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SourceFolder } from './source-folder.ts';
import { createVolume } from './testing/volume.ts';

function open(files: Readonly<Record<string, string>> = {}) {
  const volume = createVolume();
  volume.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`plugins/${path}`, text])));
  const folder = join(volume.root, 'plugins');
  return { volume, folder, [Symbol.dispose]: () => volume[Symbol.dispose]() };
}

const names = (sources: SourceFolder) => sources.list().map(({ plugin }) => plugin);

test('folders and single files are listed by name; what editors and tools leave is not', () => {
  using place = open({
    'b/index.ts': '',
    'a.ts': '',
    'README.md': '',
    '.git/x': '',
    'node_modules/p/index.ts': '',
    'a.ts~': '',
  });
  symlinkSync('nowhere', join(place.folder, 'dangling'));
  assert.deepEqual(names(new SourceFolder(place.folder)), ['a', 'b']);
});

test('what is not there is told with what is, and of two sources of one name none is guessed', () => {
  using place = open({ 'a/index.ts': '', 'a.ts': '', 'b.ts': '' });
  const sources = new SourceFolder(place.folder);
  assert.throws(() => sources.pathOf('c'), { code: 'NOT_FOUND', message: /data\/plugins\/c\.ts\. There are: a, b\.$/ });
  assert.throws(() => sources.pathOf('a'), { code: 'CONFLICT', message: /both a folder .* and a file/ });
  assert.equal(sources.pathOf('b'), join(place.folder, 'b.ts'));
});

test('files that are sent take the place of a folder and of a single file, whole', () => {
  using place = open({ 'a/old.ts': 'old', 'b.ts': 'old' });
  const sources = new SourceFolder(place.folder);
  for (const plugin of ['a', 'b'])
    sources.replace(
      plugin,
      new Map([
        ['index.ts', 'new'],
        ['lib/x.ts', 'x'],
      ]),
    );
  assert.deepEqual(readdirSync(join(place.folder, 'a')).sort(), ['index.ts', 'lib']);
  assert.equal(readFileSync(join(place.folder, 'a', 'lib', 'x.ts'), 'utf8'), 'x');
  assert.deepEqual(readdirSync(place.folder).sort(), ['a', 'b']);
});

for (const path of [
  '../x.ts',
  'a/../../x.ts',
  '/etc/x.ts',
  'C:/x.ts',
  'a\\x.ts',
  './x.ts',
  '',
  'a//x.ts',
  '.x/y.ts',
  'x\0.ts',
]) {
  test(`a file that is called ${JSON.stringify(path)} is refused, and what lies there stays`, () => {
    using place = open({ 'a/index.ts': 'old' });
    const sources = new SourceFolder(place.folder);
    assert.throws(
      () =>
        sources.replace(
          'a',
          new Map([
            ['index.ts', 'new'],
            [path, 'x'],
          ]),
        ),
      { code: 'REFUSED' },
    );
    assert.equal(readFileSync(join(place.folder, 'a', 'index.ts'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(place.folder), ['a']);
  });
}

test('no files at all, and a file that is also a folder, leave what lies there', () => {
  using place = open({ 'a/index.ts': 'old' });
  const sources = new SourceFolder(place.folder);
  assert.throws(() => sources.replace('a', new Map()), { code: 'BAD_ARGUMENTS', message: /No file/ });
  assert.throws(
    () =>
      sources.replace(
        'a',
        new Map([
          ['lib/x.ts', ''],
          ['lib', ''],
        ]),
      ),
    {
      code: 'BAD_ARGUMENTS',
      message: /"lib" is sent as a file, and as the folder of "lib\/x\.ts"/,
    },
  );
  assert.equal(readFileSync(join(place.folder, 'a', 'index.ts'), 'utf8'), 'old');
});

test('a host that dies in the middle of a replacement leaves the old sources or the new ones, never none', () => {
  using place = open({
    'a/index.ts': 'old',
    '.a.new/index.ts': 'half',
    '.b.old/index.ts': 'old',
    '.b.new/index.ts': 'new',
  });
  mkdirSync(join(place.folder, '.c.old'));
  mkdirSync(join(place.folder, 'c'));
  const sources = new SourceFolder(place.folder);
  assert.deepEqual(names(sources), ['a', 'b', 'c']);
  assert.deepEqual(readdirSync(place.folder).sort(), ['a', 'b', 'c']);
  for (const plugin of ['a', 'b']) assert.equal(readFileSync(join(place.folder, plugin, 'index.ts'), 'utf8'), 'old');
});

test('a stamp changes with every file that changes, comes or goes, and with nothing else', () => {
  using place = open({ 'a/index.ts': 'one', 'a/lib/x.ts': 'x' });
  const sources = new SourceFolder(place.folder);
  const stamps = [sources.stampOf('a')];
  const step = (change: () => void, isNew: boolean) => {
    change();
    const stamp = sources.stampOf('a');
    assert.equal(stamps.includes(stamp), !isNew);
    stamps.push(stamp);
  };
  step(() => place.volume.write({ 'plugins/a/lib/y.ts': 'y' }), true);
  step(
    () => place.volume.write({ 'plugins/a/node_modules/p.ts': '', 'plugins/a/.x.swp': '', 'plugins/b.ts': '' }),
    false,
  );
  step(() => renameSync(join(place.folder, 'a/lib/y.ts'), join(place.folder, 'a/lib/z.ts')), true);
  step(() => utimesSync(join(place.folder, 'a/index.ts'), 1, 1), true);
  step(() => symlinkSync('nowhere', join(place.folder, 'a/link')), true);
  step(() => place.volume.remove('plugins/a'), true);
  assert.equal(sources.stampOf('a'), null);
});

test('a folder that has just been made tells nothing of what was deleted', () => {
  using place = open();
  assert.equal(new SourceFolder(place.folder).wasThere, false);
  assert.equal(new SourceFolder(place.folder).wasThere, true);
  assert.ok(existsSync(place.folder));
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Paths } from '@clay/sdk';
import { createFileAccess, maxFileBytes } from './file-access.ts';

/** What a `.star` file without `allow` gets. */
const usual = ['fs.read:public', 'fs.read:files/weather', 'fs.write:files/weather'];

function claw(t: TestContext, permissions: readonly string[] = usual) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'clay-files-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const data = join(root, 'data');
  const paths: Paths = {
    root,
    data,
    soul: join(root, 'soul'),
    public: join(root, 'public'),
    extensions: join(data, 'extensions'),
  };
  const own = join(data, 'files', 'weather');
  for (const folder of [own, paths.soul, paths.public, paths.extensions]) mkdirSync(folder, { recursive: true });
  const access = createFileAccess({ paths });
  const ask = (path: string) => ({ plugin: 'weather', permissions, path });
  return {
    root,
    paths,
    own,
    read: async (path: string) => Buffer.from(await access.read(ask(path))).toString(),
    write: (path: string, text: string) => access.write(ask(path), Buffer.from(text)),
    list: (path: string) => access.list(ask(path)),
    remove: (path: string) => access.remove(ask(path)),
  };
}

test('a plugin reads and writes where its permissions say, folders included', async (t) => {
  const { root, own, paths, read, write, list } = claw(t);
  writeFileSync(join(paths.public, 'index.html'), '<p>hi');
  assert.equal(await read('public/index.html'), '<p>hi');
  assert.equal(await read(join(root, 'public', 'index.html')), '<p>hi');
  assert.equal(await write('files/weather/days/1.txt', 'grün'), 5);
  assert.equal(await read('data/files/weather/days/1.txt'), 'grün');
  assert.equal(readFileSync(join(own, 'days', '1.txt'), 'utf8'), 'grün');
  assert.deepEqual(await list('files/weather'), [{ name: 'days', kind: 'folder', bytes: 0 }]);
  assert.deepEqual(readdirSync(join(own, 'days')), ['1.txt']);
});

test('a granted folder that nobody has made yet is empty, and is made by the first write', async (t) => {
  const { own, list, write, read } = claw(t);
  rmSync(join(own, '..'), { recursive: true });
  assert.deepEqual(await list('files/weather'), []);
  await assert.rejects(read('files/weather/a'), { code: 'NOT_FOUND', message: 'files/weather/a does not exist.' });
  await write('files/weather/a', 'a');
  assert.equal(await read('files/weather/a'), 'a');
});

test('a permission for one file is for that file', async (t) => {
  const { write, list, paths } = claw(t, ['fs.write:public/activity.json', 'fs.read:public/activity.json']);
  rmSync(paths.public, { recursive: true });
  assert.equal(await write('public/activity.json', '[]'), 2);
  await assert.rejects(write('public/activity.json.bak', ''), { code: 'REFUSED' });
  await assert.rejects(list('public'), { code: 'REFUSED' });
});

test('what was not granted is refused with the permission to declare', async (t) => {
  const { read, write, paths, root } = claw(t);
  writeFileSync(join(paths.soul, 'SOUL.md'), 'me');
  await assert.rejects(read('soul/SOUL.md'), {
    code: 'REFUSED',
    message:
      /"weather" may not read soul\/SOUL\.md.*it may read: public, files\/weather\. Declare "fs\.read:soul" \(in a \.star file: allow\(read=\["soul"\]\)\)/,
    details: { data: { permission: 'fs.read:soul' } },
  });
  await assert.rejects(write('public/index.html', 'x'), { code: 'REFUSED', message: /allow\(write=\["public"\]\)/ });
  await assert.rejects(write('files/weatherman/x', 'x'), { code: 'REFUSED' });
  await assert.rejects(read(join(root, 'soul', 'SOUL.md')), { details: { data: { permission: 'fs.read:soul' } } });
  assert.deepEqual(readdirSync(paths.public), []);
});

test('a way up, an absolute path outside and what is no path are refused', async (t) => {
  const { read, write, list, remove, root } = claw(t);
  for (const path of ['files/weather/../../clay.json', '..', 'public/..', 'public/../soul/SOUL.md', '/../etc/passwd']) {
    for (const use of [read, list, remove, (one: string) => write(one, 'x')]) {
      await assert.rejects(use(path), { code: 'REFUSED', message: /contains "\.\."/ }, path);
    }
  }
  for (const path of ['/etc/passwd', '/proc/self/environ', `${root}x/public/a`, '/'])
    await assert.rejects(read(path), { code: 'REFUSED', message: /outside of the claw/ }, path);
  for (const path of ['', 'public/a\0b', `public/${'x'.repeat(2000)}`])
    await assert.rejects(read(path), { code: 'BAD_ARGUMENTS', message: /is no path/ });
  await assert.rejects(read(`public/${'x'.repeat(300)}`), { code: 'BAD_ARGUMENTS', message: /too long/ });
  await assert.rejects(read('.'), { code: 'REFUSED' });
});

test('a link counts as what it leads to', async (t) => {
  const { read, write, list, remove, own, paths, root } = claw(t);
  const outside = mkdtempSync(join(tmpdir(), 'clay-outside-'));
  t.after(() => rmSync(outside, { recursive: true }));
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(paths.soul, 'SOUL.md'), 'me');
  writeFileSync(join(paths.public, 'page'), 'page');
  symlinkSync(join(outside, 'secret'), join(own, 'file'));
  symlinkSync(outside, join(own, 'folder'));
  symlinkSync(paths.soul, join(own, 'soul'));
  symlinkSync('loop', join(own, 'loop'));
  symlinkSync(join(outside, 'new'), join(own, 'dangling'));
  symlinkSync('../../../public/page', join(own, 'page'));
  for (const path of ['file', 'folder/secret', 'folder', 'soul/SOUL.md', 'loop', 'folder/new/deep']) {
    const full = `files/weather/${path}`;
    for (const use of [read, list, remove, (one: string) => write(one, 'x')])
      await assert.rejects(use(full), { code: 'REFUSED' }, path);
  }
  await assert.rejects(write('files/weather/dangling', 'x'), { code: 'REFUSED', message: /link that leads nowhere/ });
  assert.deepEqual(readdirSync(outside), ['secret']);
  assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'secret');
  assert.equal(await read('files/weather/page'), 'page');
  await assert.rejects(write('files/weather/page', 'x'), { code: 'REFUSED' });
  assert.equal(existsSync(join(root, 'data', 'files', 'weather', 'folder')), true);
});

test("a link that the operator has laid among the claw's own folders is no way out", async (t) => {
  const { paths, read, write } = claw(t);
  const volume = mkdtempSync(join(tmpdir(), 'clay-volume-'));
  t.after(() => rmSync(volume, { recursive: true }));
  rmSync(paths.public, { recursive: true });
  symlinkSync(volume, paths.public);
  writeFileSync(join(volume, 'index.html'), 'hi');
  assert.equal(await read('public/index.html'), 'hi');
  rmSync(join(paths.data, 'files'), { recursive: true });
  symlinkSync(volume, join(paths.data, 'files'));
  await write('files/weather/a', 'a');
  assert.equal(readFileSync(join(volume, 'weather', 'a'), 'utf8'), 'a');
});

test('a pipe, a socket, a device and a folder are no files, and are not waited for', async (t) => {
  const { own, paths, read, write, list } = claw(t, [...usual, 'fs.read:soul']);
  execFileSync('mkfifo', [join(own, 'pipe')]);
  const server = createServer().listen(join(own, 'socket'));
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  mkdirSync(join(own, 'folder'));
  const kinds = { pipe: 'a pipe', socket: 'a socket', folder: 'a folder' };
  for (const [name, kind] of Object.entries(kinds)) {
    const expected = { code: 'REFUSED', message: `files/weather/${name} is ${kind}, not a file.` };
    await assert.rejects(read(`files/weather/${name}`), expected);
    await assert.rejects(write(`files/weather/${name}`, 'x'), expected);
  }
  assert.deepEqual(
    (await list('files/weather')).map(({ name, kind }) => `${name} ${kind}`),
    ['folder folder', 'pipe other', 'socket other'],
  );
  assert.ok(lstatSync(join(own, 'pipe')).isFIFO());
  rmSync(paths.soul, { recursive: true });
  symlinkSync('/dev', paths.soul);
  await assert.rejects(read('soul/zero'), { code: 'REFUSED', message: 'soul/zero is a device, not a file.' });
});

test('a file of 10 GB is refused before it is read, and a large text before it is written', async (t) => {
  const { own, read, write } = claw(t);
  const huge = join(own, 'huge');
  writeFileSync(huge, '');
  truncateSync(huge, 10 * 1024 ** 3);
  await assert.rejects(read('files/weather/huge'), { code: 'TOO_LARGE', message: /has 10737418240 bytes; at most/ });
  const most = 'x'.repeat(maxFileBytes);
  assert.equal(await write('files/weather/most', most), maxFileBytes);
  assert.equal((await read('files/weather/most')).length, maxFileBytes);
  await assert.rejects(write('files/weather/more', `${most}x`), { code: 'TOO_LARGE' });
});

test("databases, tokens, environments, the operator's file and the host's state stay shut whatever is granted", async (t) => {
  const everything = ['data', 'builds', 'public', 'files', 'dev-ui'].flatMap((at) => [
    `fs.read:${at}x`,
    `fs.read:${at}`,
  ]);
  const { paths, root, read, write, list, own } = claw(t, [...everything, 'fs.write:public', 'fs.read:data/journal']);
  const names = [
    '.env',
    '.env.local',
    'clay.json',
    'token',
    'messages.db',
    'messages.db-wal',
    'x.sqlite',
    'journal.DB',
  ];
  for (const name of names) {
    writeFileSync(join(paths.public, name), 'secret');
    await assert.rejects(read(`public/${name}`), { code: 'REFUSED' }, name);
    await assert.rejects(write(`public/${name}`, 'x'), { code: 'REFUSED' }, name);
    await assert.rejects(write(`public/${name}/x`, 'x'), { code: 'REFUSED' }, name);
  }
  assert.deepEqual(await list('public'), []);
  symlinkSync(join(paths.public, 'token'), join(own, 'innocent'));
  await assert.rejects(read('files/weather/innocent'), { code: 'REFUSED', message: /own state or secrets/ });
  for (const place of ['data/journal/x', 'dev-ui/index.html']) {
    mkdirSync(join(root, place, '..'), { recursive: true });
    writeFileSync(join(root, place), 'x');
    await assert.rejects(read(place), { code: 'REFUSED' }, place);
  }
});

test('a write that fails leaves the old file and nothing beside it', async (t) => {
  const { own, write, read } = claw(t);
  await write('files/weather/a', 'old');
  mkdirSync(join(own, 'taken', 'inner'), { recursive: true });
  await assert.rejects(write('files/weather/taken', 'x'), { code: 'REFUSED' });
  await assert.rejects(write('files/weather/a/b', 'x'), { code: 'BAD_ARGUMENTS', message: /no folder/ });
  assert.equal(await read('files/weather/a'), 'old');
  assert.deepEqual(readdirSync(own), ['a', 'taken']);
});

test('many writes of one file at once leave one of the texts whole', async (t) => {
  const { own, write, read } = claw(t);
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(texts.map((text) => write('files/weather/a', text)));
  assert.ok(texts.includes(await read('files/weather/a')));
  assert.deepEqual(readdirSync(own), ['a']);
});

test('files and empty folders are removed, and nothing else', async (t) => {
  const { own, write, remove } = claw(t);
  await write('files/weather/folder/a', 'a');
  await assert.rejects(remove('files/weather/folder'), { code: 'CONFLICT', message: /not empty/ });
  assert.equal(await remove('files/weather/folder/a'), true);
  assert.equal(await remove('files/weather/folder'), true);
  assert.equal(await remove('files/weather/folder'), false);
  await assert.rejects(remove('files/weather'), { code: 'REFUSED', message: /granted folder itself/ });
  await assert.rejects(remove('public/x'), { code: 'REFUSED' });
  assert.ok(existsSync(own));
});

test('a folder that is exchanged for a link all the time never leads out', async (t) => {
  const { own, paths, write } = claw(t);
  writeFileSync(join(paths.soul, 'SOUL.md'), 'me');
  const swap = `while :; do ln -sfn ${paths.soul} link; mv -T link folder 2>/dev/null || { rm -rf folder; }; rm -f folder; mkdir -p folder; done`;
  const { spawn } = await import('node:child_process');
  const shell = spawn('bash', ['-c', swap], { cwd: own, stdio: 'ignore' });
  t.after(() => shell.kill('SIGKILL'));
  for (let round = 0; round < 300; round++) {
    await write('files/weather/folder/SOUL.md', 'stolen').catch((error) => {
      assert.ok(['REFUSED', 'NOT_FOUND', 'CONFLICT', 'BAD_ARGUMENTS'].includes(error.code), error.message);
    });
  }
  assert.equal(readFileSync(join(paths.soul, 'SOUL.md'), 'utf8'), 'me');
  assert.deepEqual(readdirSync(paths.soul), ['SOUL.md']);
});

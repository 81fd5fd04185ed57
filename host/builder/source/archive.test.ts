import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { defaultLimits } from '../limits.ts';
import { failureOf, sources } from '../testing/sources.ts';
import { packSources, unpackSources } from './archive.ts';

type Type = NonNullable<
  ConstructorParameters<typeof Header>[0] extends infer T ? (T extends { type?: infer K } ? K : never) : never
>;

interface Entry {
  readonly path: string;
  readonly type?: Type;
  readonly linkpath?: string;
  readonly content?: Uint8Array;
  /** Claimed in the header. */
  readonly size?: number;
}

function tar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ path, type = 'File', linkpath, content = Buffer.alloc(0), size }) => {
    const header = new Header({
      path,
      type,
      mode: 0o644,
      size: size ?? content.byteLength,
      ...(linkpath ? { linkpath } : {}),
    });
    header.encode();
    return [header.block!, content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

const unpack = (bytes: Uint8Array, limits: Partial<typeof defaultLimits> = {}, signal?: AbortSignal) =>
  unpackSources([bytes], { ...defaultLimits, ...limits }, signal);
const refusal = async (entries: readonly Entry[], limits = {}) => {
  const error = await failureOf(unpack(gzipSync(tar(entries)), limits));
  return `${error.code} ${error.message}`;
};

test('what is packed is what is unpacked, whatever the names and sizes', async () => {
  const long = `${'folder/'.repeat(10)}${'ä'.repeat(90)}.ts`;
  const files = sources({
    'index.ts': 'export {};',
    [long]: 'long',
    '__proto__.ts': 'x',
    'data.bin': randomBytes(70_000),
    'empty.txt': '',
  });
  const unpacked = await unpack(packSources({ name: 'x', files }));
  assert.deepEqual(new Map([...unpacked].sort()), new Map([...files].sort()));
  assert.deepEqual(packSources({ name: 'x', files }), packSources({ name: 'x', files: new Map([...files].reverse()) }));
});

test('a folder around everything, "./" and ignored files are taken off', async () => {
  const file = (path: string) => ({ path, content: Buffer.from('x') });
  const names = async (...paths: string[]) => [...(await unpack(gzipSync(tar(paths.map(file))))).keys()];
  assert.deepEqual(await names('./index.ts', './lib/a.ts'), ['index.ts', 'lib/a.ts']);
  assert.deepEqual(await names('dice/index.ts', 'dice/lib/a.ts'), ['index.ts', 'lib/a.ts']);
  assert.deepEqual(await names('index.ts', '.git/HEAD', 'node_modules/a/index.js'), ['index.ts']);
});

for (const [what, entry, message] of [
  ['an absolute path', { path: '/etc/cron.d/x' }, /^REFUSED "\/etc\/cron\.d\/x" is an absolute path/],
  ['a path that leads out', { path: 'a/../../x.ts' }, /^REFUSED .* leads out of the plugin's folder/],
  ['a path of Windows', { path: 'a\\..\\x.ts' }, /^REFUSED .* holds a backslash/],
  ['a drive', { path: 'C:/x.ts' }, /^REFUSED .* is an absolute path/],
  ['a name with a control character', { path: 'a\nb.ts' }, /^REFUSED .* holds a sign that no source file has/],
  [
    'a symbolic link',
    { path: 'x.ts', type: 'SymbolicLink', linkpath: '/etc/passwd' },
    /^REFUSED The archive holds "x\.ts", a SymbolicLink to "\/etc\/passwd"/,
  ],
  ['a hard link', { path: 'x.ts', type: 'Link', linkpath: 'index.ts' }, /^REFUSED The archive holds "x\.ts", a Link/],
  ['a device', { path: 'x', type: 'CharacterDevice' }, /^REFUSED .* a CharacterDevice/],
  ['a FIFO', { path: 'x', type: 'FIFO' }, /^REFUSED .* a FIFO/],
  [
    'a folder too deep',
    { path: `${'a/'.repeat(20)}x.ts` },
    /^TOO_LARGE .* lies deeper than 12 folders \(limit depth\)/,
  ],
] as const satisfies readonly (readonly [string, Entry, RegExp])[])
  test(`${what} is refused`, async () => {
    assert.match(await refusal([{ path: 'index.ts' }, entry]), message);
  });

test('a path that comes twice is refused', async () => {
  assert.match(await refusal([{ path: 'a.ts' }, { path: './a.ts' }]), /^REFUSED "a\.ts" is there twice/);
});

test('ten thousand files are refused at the first too many', async () => {
  const entries = Array.from({ length: 10_000 }, (_, index) => ({ path: `f${index}.ts` }));
  assert.match(await refusal(entries), /^TOO_LARGE There are more than 1000 files \(limit files\)/);
});

test('a size that is only claimed is refused before anything is taken', async () => {
  assert.match(await refusal([{ path: 'x.bin', size: 60_000_000 }]), /^TOO_LARGE "x\.bin" has 60000000 bytes/);
});

test('a bomb stops at the limit of what is unpacked, whatever its entries claim', async () => {
  const before = process.memoryUsage().rss;
  const zeros = gzipSync(Buffer.alloc(300_000_000));
  assert.ok(zeros.byteLength < 1_000_000);
  const tail = await failureOf(unpack(zeros, { bytes: 1_000_000, files: 10 }));
  assert.match(
    `${tail.code} ${tail.message}`,
    /^TOO_LARGE The unpacked archive has more than \d+ bytes \(limit bytes\)/,
  );
  assert.ok(process.memoryUsage().rss - before < 400_000_000);
  const many = Array.from({ length: 8 }, (_, index) => ({ path: `${index}.txt`, content: Buffer.alloc(1_900_000) }));
  assert.match(await refusal(many), /^TOO_LARGE The files have more than 10000000 bytes in all \(limit bytes\)/);
});

test('an archive that is too large as it arrives is refused', async () => {
  const error = await failureOf(
    unpack(gzipSync(tar([{ path: 'x.bin', content: randomBytes(400_000) }])), { archiveBytes: 100_000 }),
  );
  assert.match(
    `${error.code} ${error.message}`,
    /^TOO_LARGE The archive has more than 100000 bytes \(limit archiveBytes\)/,
  );
});

test('what is no archive, or only half of one, is told', async () => {
  for (const bytes of [
    Buffer.from('hello'),
    gzipSync('hello'.repeat(500)),
    packSources({ name: 'x', files: sources({ a: randomBytes(5000) }) }).subarray(0, 3000),
  ]) {
    const error = await failureOf(unpack(bytes));
    assert.match(`${error.code} ${error.message}`, /^BAD_ARGUMENTS The body is not a whole tar\.gz/);
  }
});

test('reading an archive can be cancelled', async () => {
  const controller = new AbortController();
  async function* endless() {
    yield packSources({ name: 'x', files: sources({ a: randomBytes(500_000) }) }).subarray(0, 1000);
    controller.abort();
    await new Promise(() => {});
  }
  assert.equal((await failureOf(unpackSources(endless(), defaultLimits, controller.signal))).code, 'CANCELLED');
});

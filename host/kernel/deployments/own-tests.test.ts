import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { type ProofClaw, startProofClaw } from '../proof/testing/proof-claw.ts';
import { createVolume, saying } from './testing/volume.ts';

const limit = { timeout: 60_000 };
const volume = createVolume();
let claw: ProofClaw;

before(async () => {
  claw = await startProofClaw({ root: volume.root });
});
after(async () => {
  await claw[Symbol.asyncDispose]();
  volume[Symbol.dispose]();
});

const head = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHost } from '@clay/sdk/testing';
import plugin from './index.ts';
`;

const says = (name: string, expected: string) => `${head}
test('it says ${expected}', async () => {
  await using host = await createTestHost(plugin);
  assert.equal(await host.tool('${name}', {}), '${expected}');
});
`;

/** Deploys a plugin with a test file; gives what went wrong, whole. */
async function problemWith(name: string, testFile: string, files = {}): Promise<string> {
  try {
    const { problem } = await claw.deploy(name, saying(name, 'this'), {
      files: { 'index.test.ts': testFile, ...files },
    });
    assert.equal(problem, null);
    return '';
  } catch (error) {
    assert.ok(error instanceof ClayError, String(error));
    return `${error.message}\n${error.details.output}`;
  }
}

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('clay-tests-'));

test('a plugin whose tests pass serves, and nothing is left of them', limit, async () => {
  const before = leftovers();
  assert.equal(await problemWith('good', says('good', 'this')), '');
  assert.equal(await claw.call('good'), 'this');
  assert.deepEqual(leftovers(), before);
});

test('a plugin whose tests fail does not come to serve; the failure is told whole, with its place', limit, async () => {
  assert.equal(await problemWith('bad', says('bad', 'this')), '');
  const fails = `${says('bad', 'that')}\ntest('it is fine', () => {});\n`;
  await assert.rejects(
    claw.deploy('bad', saying('bad', 'new'), { files: { 'lib/say.test.ts': fails.replace('./index', '../index') } }),
    (error: ClayError) => {
      assert.equal(error.message, 'The tests of plugin "bad" failed: 1 of 2.');
      assert.match(error.details.output ?? '', /lib\/say\.test\.ts:8:10/);
      assert.match(error.details.output ?? '', /'new'[\s\S]*'that'|\+ 'new'/);
      return true;
    },
  );
  assert.equal(await claw.call('bad'), 'this');
  assert.match(readFileSync(join(volume.root, 'data/plugins/bad/index.ts'), 'utf8'), /'this'/);
  assert.match(claw.failures('bad', null)[0]?.text ?? '', /lib\/say\.test\.ts:8:10/);
});

test('a check runs the tests too', limit, async () => {
  const files = new Map([
    ['index.ts', saying('looked', 'this')],
    ['index.test.ts', says('looked', 'that')],
  ]);
  const { isGood, text } = await claw.deployments.deployer.check({ plugin: 'looked', files });
  assert.equal(isGood, false);
  assert.match(text, /index\.test\.ts:8:10/);
});

test('tests that hang, exit, crash or end themselves do not pass', limit, async () => {
  assert.match(await problemWith('exits', `${head}\ntest('a', () => process.exit(3));`), /ended with code 3|failed/);
  assert.match(
    await problemWith('throws', `${head}\nthrow new Error('at the top');`),
    /at the top[\s\S]*index\.test\.ts:6:7/,
  );
  assert.match(
    await problemWith('never', `${head}\ntest('a', () => new Promise(() => {}));`),
    /failed: 1 of 1[\s\S]*index\.test\.ts:6:1/,
  );
});

test('a test has tables, files of its own and nothing else of the machine', limit, async () => {
  const fine = `${head}
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
test('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'x-'));
  writeFileSync(join(folder, 'a'), 'b');
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'b');
  const database = new DatabaseSync(join(folder, 'c.db'));
  database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  assert.deepEqual({ ...database.prepare('SELECT a FROM t').get() }, { a: 1 });
  database.close();
});
test('tables', async () => {
  const tabled = { ...plugin, tables: ['t'] };
  await using host = await createTestHost(tabled);
  assert.deepEqual(host.store.transaction([{ sql: 'SELECT 1 AS a' }] as never)[0]?.rows, [{ a: 1 }]);
});
`;
  assert.equal(await problemWith('fine', fine), '');
});

const outside = join(tmpdir(), 'clay-outside.db');
const token = join(dirname(volume.root), 'nothing');
/** Each must throw; what it throws is not looked at. */
const attacks: Readonly<Record<string, string>> = {
  'reading the claw': `readFileSync('${volume.root}/clay.json')`,
  'writing beside its folder': `writeFileSync('${outside}', 'x')`,
  'opening the database of the claw': `new DatabaseSync('${volume.root}/data/messages.db')`,
  'opening it through the test host': `await createTestHost({ ...plugin, tables: ['sessions'] }, { database: '${volume.root}/data/messages.db' }).then((host) => host.store.transaction([{ sql: 'SELECT 1' }] as never))`,
  'attaching a database': `new DatabaseSync(':memory:').exec("ATTACH '${outside}' AS o; CREATE TABLE o.x (a)")`,
  'copying one out': `new DatabaseSync(':memory:').exec("VACUUM INTO '${outside}'")`,
  'opening it by a URI': `new DatabaseSync('file:${outside}?mode=rwc')`,
  'opening it by a link': `(symlinkSync('${volume.root}/data/messages.db', tmpdir() + '/l'), new DatabaseSync(tmpdir() + '/l'))`,
  'taking the real SQLite': `new (Object.getPrototypeOf(DatabaseSync) as typeof DatabaseSync)('${outside}').exec('CREATE TABLE x (a)')`,
  'asking the process for it': `new (process.getBuiltinModule('node:sqlite').DatabaseSync)('${outside}')`,
  'asking the module of the process for it': `new (getBuiltinModule('node:sqlite').DatabaseSync)('${outside}')`,
  'a text as code': `new Function('return 1')()`,
  'an evaluated import': `(0, eval)("import('node:sqlite')")`,
  'starting a program': `process.execve!('/bin/sh', ['sh'], {})`,
  'ending the host': `process.kill(process.ppid, 0)`,
  'the network': `await fetch('http://127.0.0.1:1/').catch((error) => { if (/ECONNREFUSED/.test(String(error.cause))) return; throw error; })`,
};

test('an attack by tests reaches nothing', limit, async () => {
  const cases = Object.entries(attacks)
    .map(([name, code]) => `test('${name}', async () => { await assert.rejects(async () => { ${code}; }); });\n`)
    .join('');
  const file = `${head}
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { getBuiltinModule } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
${cases}`;
  assert.equal(await problemWith('attacker', file), '');
  assert.ok(!existsSync(outside));
  assert.ok(!existsSync(token));
});

test('what a test may not import is told with its place', limit, async () => {
  for (const name of ['node:worker_threads', 'node:child_process', 'node:module', 'node:vm', 'node:net', 'esbuild'])
    assert.match(
      await problemWith('imports', `${head}import * as x from '${name}';\nassert.ok(x);\n`),
      /index\.test\.ts:5:\d+: error IMPORT_/,
      name,
    );
  assert.match(
    await problemWith('imports', `${head}import { run } from 'node:test';\nrun();\n`),
    /index\.test\.ts:5:\d+: error/,
  );
  assert.match(
    await problemWith('imports', `${head}const name = './x.ts';\nawait import(name);\n`),
    /index\.test\.ts:6:\d+: error/,
  );
});

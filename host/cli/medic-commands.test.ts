import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { loadConfig } from '../config/load.ts';
import { fakeGeneration } from '../gateway/testing/fake-medic.ts';
import type { PluginStatus } from '../kernel/plugin-status.ts';
import { runClay } from './testing/run-clay.ts';
import { type RunningClaw, startClaw } from './testing/running-claw.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-medic-test-'));
let claw: RunningClaw;
let here: { readonly env: { readonly CLAY_ROOT: string } };
const status: PluginStatus = {
  name: 'feeds',
  version: '0.1.0',
  description: 'Follows feeds.',
  origin: 'volume',
  generation: 2,
  state: 'probation',
  capabilities: [],
  requires: [],
  permissions: [],
  withheld: ['shell', 'http:*.example.com'],
  protected: false,
  holds: [],
  failure: null,
};
before(async () => {
  claw = await startClaw({ parts: { plugins: () => [status] } });
  here = { env: { CLAY_ROOT: claw.root } };
});
beforeEach(() => {
  claw.medic.asked.splice(0);
  claw.medic.refusal = null;
  claw.medic.known = [
    fakeGeneration({
      plugin: 'feeds',
      generation: 2,
      hash: 'b'.repeat(64),
      state: 'probation',
      isProven: false,
      probationLeftMs: 12_400,
      crashes: 1,
      reason: 'it is built\u001b[2J and tested',
    }),
    fakeGeneration({ plugin: 'feeds', isCurrent: false, isQuarantined: true, failedCalls: 0 }),
  ];
});
after(async () => {
  await claw.stop();
  rmSync(folder, { recursive: true });
});

const asksForMore = `feeds asks for more than it may: shell, http:*.example.com
  To allow it: clay grant feeds shell 'http:*.example.com'
  or in clay.json: "ceilings": { "feeds": ["shell","http:*.example.com"] }
`;

test('generations are listed with what serves, what is left of a probation, and what is withheld', async () => {
  const { out, code } = await runClay(['generations', 'feeds'], here);
  assert.equal(code, 0);
  const [first, second] = out.split('\n');
  assert.match(
    first ?? '',
    /^feeds +\*2 +probation \(13 s left\) +bbbbbbbbbbbb +2026-01-02 15:04:05 +12 calls, 1 failed +1 crash +it is built\[2J and tested$/,
  );
  assert.match(second ?? '', /^feeds + 1 +committed, quarantined +aaaaaaaaaaaa .* 12 calls +it has proven itself$/);
  assert.ok(out.endsWith(asksForMore), out);
  assert.deepEqual(JSON.parse((await runClay(['generations', '--json'], here)).out), claw.medic.known);
  const none = await runClay(['generations', 'nobody'], here);
  assert.deepEqual([none.code, none.err], [1, 'clay: There is no plugin "nobody".\n']);
});

test('plugins are listed with what they ask for above their ceiling, and how to allow it', async () => {
  const { out, code } = await runClay(['plugins'], here);
  assert.equal(code, 0);
  assert.ok(out.endsWith(asksForMore), out);
});

test('rollback takes back a generation, to another and with its data when asked, and tells what the medic says', async () => {
  const plain = await runClay(['rollback', 'feeds'], here);
  assert.equal(plain.out, 'feeds: generation 1 serves (committed).\n', plain.err);
  await runClay(['rollback', 'feeds', '0', '--data'], here);
  assert.deepEqual(claw.medic.asked, [
    ['rollback', 'feeds', {}],
    ['rollback', 'feeds', { to: 0, data: true }],
  ]);
  claw.medic.refusal = new ClayError('CONFLICT', 'There is nothing to go back to.');
  const refused = await runClay(['rollback', 'feeds'], here);
  assert.deepEqual([refused.code, refused.err], [1, 'clay: There is nothing to go back to.\n']);
});

test('a build is forbidden with a reason, by number or hash, and allowed again', async () => {
  const forbidden = await runClay(['quarantine', 'feeds', '1', '--reason', 'it leaks'], here);
  assert.equal(forbidden.out, 'feeds: generation 1 is quarantined. Generation 2 serves.\n', forbidden.err);
  const allowed = await runClay(['unquarantine', 'feeds', 'bbbbbbb'], here);
  assert.equal(allowed.out, 'feeds: bbbbbbb is not quarantined any more. Generation 2 serves.\n');
  assert.deepEqual(claw.medic.asked, [
    ['quarantine', 'feeds', 1, 'it leaks'],
    ['unquarantine', 'feeds', 'b'.repeat(64)],
  ]);
});

test('crashes are told whole, without control codes', async () => {
  assert.equal((await runClay(['crashes'], here)).out, 'There were no crashes.\n');
  const crash = {
    plugin: 'feeds',
    generation: 2,
    hash: 'b'.repeat(64),
    phase: 'run',
    signature: 's',
    message: 'TypeError: x is not a function\n  at index.ts:3:4\u0007',
    at: Date.UTC(2026, 0, 2, 15, 4, 5),
  };
  claw.medic.crashed = [crash, crash];
  const { out } = await runClay(['crashes', 'feeds', '--limit', '1'], here);
  assert.equal(
    out,
    '2026-01-02 15:04:05  feeds generation 2 (bbbbbbbbbbbb), run\n    TypeError: x is not a function\n      at index.ts:3:4\n',
  );
  assert.equal(JSON.parse((await runClay(['crashes', '--json'], here)).out).length, 2);
});

test('what is wrong with a command is named, with its remedy, and the exit code is 2', async () => {
  const cases: [string[], RegExp][] = [
    [['rollback'], /needs the NAME/],
    [['rollback', 'feeds', 'last'], /N is "last"; it must be a whole number/],
    [['quarantine', 'feeds', '1'], /needs --reason TEXT/],
    [['quarantine', '--reason', 'x', 'feeds'], /a generation's number or hash/],
    [['unquarantine'], /needs the NAME/],
    [['crashes', '--limit', 'many'], /--limit is "many"/],
    [['grant', 'feeds'], /one PERMISSION or more/],
    [['revoke', 'feeds'], /clay revoke needs the NAME/],
    [['grant', 'Feeds', 'shell'], /"Feeds" is no name/],
    [['grant', 'feeds', 'root'], /The permission "root" does not exist; known are http/],
    [['grant', 'feeds', 'fs.read:data/clay.db'], /never granted/],
    [['new'], /makes a "plugin" or an "extension"/],
    [['new', 'thing', 'x'], /not "thing"/],
    [['new', 'plugin'], /needs a NAME/],
    [['new', 'plugin', 'Über'], /"Über" is no name of a plugin/],
    [['check'], /needs the path or the name/],
    [['dev'], /needs the path or the name/],
  ];
  for (const [args, expected] of cases) {
    const { code, err, out } = await runClay(args, here);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err, expected);
  }
});

test('watch follows one plugin or all, for people or for programs, until Ctrl-C', async () => {
  const lines: Promise<string>[] = [];
  for (const args of [
    ['watch', 'feeds'],
    ['watch', '--json'],
  ]) {
    const result = runClay(args, {
      ...here,
      onStart: (child) => child.stdout.on('data', (data) => /serves/.test(String(data)) && child.kill('SIGINT')),
    });
    lines.push(
      result.then(({ code, out, err }) => {
        assert.deepEqual([code, /watching http:\/\/127\.0\.0\.1:\d+ · Ctrl-C ends/.test(err)], [0, true], err);
        return out;
      }),
    );
  }
  while (claw.medic.listeners.size < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  claw.medic.tell({ plugin: 'tasks', kind: 'changed', state: 'committed', text: 'it has proven itself' });
  claw.medic.tell({ plugin: 'feeds', generation: 2, kind: 'changed', state: 'crashed', text: 'it crashed' });
  claw.medic.tell({ plugin: 'feeds', generation: 2, text: 'Generation 2 was taken back. Generation 1 serves.' });
  const [people, programs] = await Promise.all(lines);
  assert.equal(
    people,
    '15:04:05  feeds: generation 2 crashed (it crashed)\n15:04:05  feeds: generation 2 was taken back. Generation 1 serves.\n',
  );
  const told = programs
    ?.trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    told?.map(({ plugin, state }) => `${plugin} ${state}`),
    ['tasks committed', 'feeds crashed', 'feeds quarantined'],
  );
});

test('watch waits for a claw that is started anew, also at another address', async () => {
  const first = await startClaw();
  const seen: string[] = [];
  const gone = Promise.withResolvers<void>();
  const watching = runClay(['watch'], {
    env: { CLAY_ROOT: first.root },
    onStart(child) {
      child.stderr.on('data', (data) => {
        seen.push(String(data));
        if (/has gone/.test(String(data))) gone.resolve();
      });
      child.stdout.on('data', () => child.kill('SIGINT'));
    },
  });
  while (first.medic.listeners.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.stop(true);
  await gone.promise;
  const second = await startClaw({}, first.root);
  while (second.medic.listeners.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  second.medic.tell({ plugin: 'tasks', text: 'Generation 1 serves.' });
  const { code, out } = await watching;
  await second.stop();
  assert.deepEqual([code, out], [0, '15:04:05  tasks: generation 1 serves.\n']);
  assert.match(seen.join(''), /watching[\s\S]*has gone[\s\S]*watching/);
});

test('grant adds to the ceiling in clay.json and leaves the rest of the file alone; grants shows what is in force', async () => {
  const root = mkdtempSync(join(folder, 'grant-'));
  const env = { CLAY_ROOT: root };
  const file = join(root, 'clay.json');
  const config = () => loadConfig({ env, defaultRoot: root, isTerminal: false }).config;
  const made = await runClay(['grant', 'feeds', 'shell', 'http:*.example.com'], { env });
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /clay\.json allows feeds shell, http:\*\.example\.com now\. Start the claw anew/);
  assert.deepEqual(config().ceilings.feeds, ['shell', 'http:*.example.com']);
  assert.match(readFileSync(file, 'utf8'), /\/\/ Environment variables win over this file/, 'the operator’s template');

  const real = join(root, 'kept.json');
  const text = '{\n  // the house rules\n  "overrides": ["files"], // mine\n  "ceilings": { "*": ["llm"] },\n}\n';
  writeFileSync(real, text, { mode: 0o640 });
  rmSync(file);
  symlinkSync(real, file);
  await runClay(['grant', 'feeds', 'shell'], { env });
  const after = readFileSync(real, 'utf8');
  assert.ok(after.startsWith('{\n  // the house rules\n  "overrides": ["files"], // mine\n'), after);
  assert.equal(statSync(real).mode & 0o777, 0o640);
  assert.match((await runClay(['grant', 'feeds', 'shell'], { env })).out, /allows feeds all of that already/);
  assert.equal(readFileSync(real, 'utf8'), after);

  await runClay(['grant', 'feeds', 'llm'], { env });
  const revoked = await runClay(['revoke', 'feeds', 'llm'], { env });
  assert.match(revoked.out, /does not allow feeds llm any more/, revoked.err);
  assert.deepEqual(config().ceilings.feeds, ['shell']);
  const never = await runClay(['revoke', 'feeds', 'llm'], { env });
  assert.equal(never.code, 1);
  assert.match(never.err, /does not name llm for feeds\. See "clay grants"/);

  const { out } = await runClay(['grants'], { env });
  assert.equal(out, `*      llm\nfeeds  shell\nfrom ${file}\nProtected plugins that may be replaced: files\n`);
  const asking = JSON.parse((await runClay(['grants', '--json'], here)).out);
  assert.deepEqual(asking.withheld, { feeds: status.withheld });

  writeFileSync(real, '{ "ceilings": [ }');
  const broken = await runClay(['grant', 'feeds', 'llm'], { env });
  assert.equal(broken.code, 1);
  assert.match(broken.err, /clay\.json:1:17.*is not valid JSON/);
  assert.equal(readFileSync(real, 'utf8'), '{ "ceilings": [ }');
});

test('new makes a plugin and an extension where the claw looks for them, and nothing over what is there', async () => {
  const root = mkdtempSync(join(folder, 'new-'));
  const env = { CLAY_ROOT: root };
  const made = await runClay(['new', 'plugin', 'greet-er'], { env });
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /Made \S+data\/plugins\/greet-er\.[\s\S]*clay dev \S+greet-er[\s\S]*clay check \S+greet-er/);
  for (const name of ['plugin.json', 'index.ts', 'index.test.ts', 'tsconfig.json']) {
    assert.ok(existsSync(join(root, 'data', 'plugins', 'greet-er', name)), name);
  }
  assert.match((await runClay(['new', 'plugin', 'greet-er'], { env })).err, /greet-er exists already/);
  assert.match((await runClay(['new', 'plugin', 'tasks'], { env })).err, /A plugin "tasks" ships with Clay/);
  const extension = await runClay(['new', 'extension', 'words'], { env });
  assert.match(extension.out, /Made \S+data\/extensions\/words\.star/);
  assert.match((await runClay(['new', 'extension', 'words'], { env })).err, /words\.star exists already/);
  const elsewhere = join(root, 'else where');
  mkdirSync(elsewhere);
  await runClay(['new', 'extension', 'words', '--in', elsewhere], { env });
  assert.ok(existsSync(join(elsewhere, 'words.star')));
});

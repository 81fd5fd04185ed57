import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestHost } from '../testing/host.ts';

test('a backup restored on an empty host is the same claw: data, settings, identity and tenant', async () => {
  using here = new TestHost();
  using there = new TestHost();
  await here.must('provision', 'alice');
  here.put('claw-data-alice', 'messages.db', 'everything that was said');
  here.put('claw-data-alice', 'identity.pem', 'the key');
  here.put('claw-public-alice', 'index.html', '<p>');
  const file = join(here.folder, 'alice.tar');
  assert.equal((await here.must('backup', 'alice', '--to', file)).trim(), file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(here.container('claw-alice')?.status, 'running');
  assert.deepEqual(
    readdirSync(here.folder).filter((name) => name.includes('unfinished')),
    [],
  );

  await there.must('restore', 'alice', file);
  assert.equal(there.read('claw-data-alice', 'messages.db'), 'everything that was said');
  assert.equal(there.read('claw-data-alice', 'identity.pem'), 'the key');
  assert.equal(there.read('claw-public-alice', 'index.html'), '<p>');
  assert.match(there.read('claw-soul-alice', 'SOUL.md'), /^# Soul/);
  assert.equal(there.userFile('alice', 'claw.env'), here.userFile('alice', 'claw.env'));
  assert.equal(
    JSON.parse(there.userFile('alice', 'claw.json')).tenant,
    JSON.parse(here.userFile('alice', 'claw.json')).tenant,
  );
  assert.equal(there.container('claw-alice')?.status, 'running');
  assert.deepEqual(
    readdirSync(here.folder).filter((name) => name.includes('.open-')),
    [],
  );
});

test('a backup is made while the claw does not run, and an open turn ends first', async () => {
  using host = new TestHost();
  host.addImage('clay:latest', { turnMs: 100 });
  await host.must('provision', 'alice');
  await host.must('backup', 'alice');
  const calls = host.calls.map(([command, ...rest]) => `${command} ${rest.join(' ')}`);
  const order = ['stop -t', 'cp claw-alice:/app/data/. -', 'cp claw-alice:/app/public/. -', 'start claw-alice'].map(
    (call) => calls.findLastIndex((line) => line.startsWith(call)),
  );
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.equal(host.events('turn-ended').length, 1);
  assert.equal(readdirSync(join(host.root, 'backups')).length, 1);
});

test('a copy that fails leaves no file, and the claw is started again', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  writeFileSync(join(host.folder, 'taken'), '');
  const { code, err } = await host.admin(['backup', 'alice', '--to', join(host.folder, 'taken')]);
  assert.equal(code, 1);
  assert.match(err, /exists already/);
  assert.equal(host.container('claw-alice')?.status, 'running');
});

test('a damaged, cut or foreign file is refused before anything is made', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  const file = join(host.folder, 'alice.tar');
  await host.must('backup', 'alice', '--to', file);
  await host.must('deprovision', 'alice', '--delete-data');
  const whole = readFileSync(file);
  const flipped = Buffer.from(whole);
  const at = whole.indexOf('claw.env') + 600;
  flipped[at] = flipped[at]! ^ 1;
  const empty = join(host.folder, 'empty');
  mkdirSync(empty);
  spawnSync('tar', ['-cf', join(host.folder, 'foreign.tar'), '-C', empty, '.']);
  for (const [name, content] of [
    ['flipped', flipped],
    ['cut', whole.subarray(0, whole.length / 2)],
    ['text', Buffer.from('hello')],
    ['foreign', readFileSync(join(host.folder, 'foreign.tar'))],
  ] as const) {
    writeFileSync(join(host.folder, name), content);
    const { code, err } = await host.admin(['restore', 'alice', join(host.folder, name)]);
    assert.equal(code, 1, name);
    assert.match(err, /is damaged|no backup|part of one/, name);
  }
  assert.equal((await host.admin(['restore', 'alice', join(host.folder, 'nothing')])).code, 1);
  assert.deepEqual(host.containers, []);
  assert.deepEqual(host.store.read().volumes, {});
});

test('an archive that names files outside of its folder writes none of them', async () => {
  using host = new TestHost();
  const evil = mkdtempSync(join(host.folder, 'evil-'));
  writeFileSync(join(evil, 'x'), 'x');
  const file = join(host.folder, 'evil.tar');
  const made = spawnSync('tar', ['-cPf', file, '-C', evil, '--transform', 's|x|../../escaped|', 'x']);
  assert.equal(made.status, 0);
  assert.equal((await host.admin(['restore', 'alice', file])).code, 1);
  assert.deepEqual(
    readdirSync(host.folder).filter((name) => name === 'escaped'),
    [],
  );
});

test('the same tenant is not put beside itself', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  const file = join(host.folder, 'alice.tar');
  await host.must('backup', 'alice', '--to', file);
  const { code, err } = await host.admin(['restore', 'second', file]);
  assert.equal(code, 1);
  assert.match(err, /is here already, as alice/);
  await host.must('deprovision', 'alice', '--delete-data');
  await host.must('restore', 'second', file);
  assert.ok((host.container('claw-second')!.Config.Env as string[]).includes('CLAW_NAME=second'));
});

test('a claw moves to another host, and is never served by both', async () => {
  using here = new TestHost();
  using there = new TestHost();
  await here.must('provision', 'alice');
  here.put('claw-data-alice', 'messages.db', 'moved');
  const remote = remoteClay(there);
  const { code, err } = await here.admin(['move', 'alice', 'root@other.example', '--clay', remote], '', {
    SSH: ssh(here),
  });
  assert.equal(code, 0, err);
  assert.equal(there.read('claw-data-alice', 'messages.db'), 'moved');
  assert.equal(there.container('claw-alice')?.status, 'running');
  const left = here.container('claw-alice')!;
  assert.equal(left.status, 'exited');
  assert.deepEqual(left.HostConfig.RestartPolicy, { Name: 'no', MaximumRetryCount: 0 });

  const again = await here.admin(['move', 'alice', 'root@other.example', '--clay', remote], '', { SSH: ssh(here) });
  assert.equal(again.code, 1);
  assert.match(again.err, /is here already|There is a claw alice already/);
});

test('a claw that did not arrive is started again where it was', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  const { code, err } = await host.admin(['move', 'alice', 'other', '--clay', '/bin/false'], '', { SSH: ssh(host) });
  assert.equal(code, 1);
  assert.match(err, /other did not take the claw/);
  assert.equal(host.container('claw-alice')?.status, 'running');
  for (const bad of ['-oProxyCommand=x', 'a b', 'a;b', '$(x)'])
    assert.equal((await host.admin(['move', '--', 'alice', bad])).code, 2, bad);
});

/** An `ssh` that runs the words here. */
function ssh(host: TestHost): string {
  return host.program('ssh', 'shift; exec "$@"');
}

function remoteClay(host: TestHost): string {
  const { env } = host;
  const settings = ['CLAW_ROOT', 'CLAW_ROUTER', 'FAKE_DOCKER', 'DOCKER']
    .map((name) => `${name}='${env[name]}'`)
    .join(' ');
  return host.program(
    'clay',
    `shift; ${settings} exec '${process.execPath}' '${join(import.meta.dirname, '..', 'testing', 'admin.ts')}' "$@"`,
  );
}

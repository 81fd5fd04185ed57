import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnvFile } from './claw/env-file.ts';
import { reservedNames } from './names/reserved.ts';
import { TestHost } from './testing/host.ts';

const hostile = [
  '; rm -rf /',
  '$(reboot)',
  '`id`',
  '../../etc',
  'a"b',
  "a'b",
  'alice\nbob',
  'ALICE',
  'al',
  'x'.repeat(300),
  '-rf',
  '',
  'älice',
];

test('a claw is made with three volumes of its tenant, a network of its own and limits', async () => {
  using host = new TestHost();
  const out = await host.must('provision', 'alice');
  const state = host.store.read();
  const claw = host.container('claw-alice')!;
  const tenant = (claw.Config.Labels as Record<string, string>)['clay.tenant']!;
  assert.match(tenant, /^[0-9a-f-]{36}$/);
  assert.match(out, new RegExp(tenant));
  for (const role of ['data', 'soul', 'public'])
    assert.deepEqual(state.volumes[`claw-${role}-alice`]?.Labels, { 'clay.tenant': tenant, 'clay.claw': 'alice' });
  assert.deepEqual(Object.keys(claw.Networks), ['claw-alice']);
  const {
    Memory,
    MemorySwap,
    NanoCpus,
    PidsLimit,
    ReadonlyRootfs,
    CapDrop,
    SecurityOpt,
    LogConfig,
    RestartPolicy,
    PortBindings,
  } = claw.HostConfig;
  assert.deepEqual(
    {
      Memory,
      MemorySwap,
      NanoCpus,
      PidsLimit,
      ReadonlyRootfs,
      CapDrop,
      SecurityOpt,
      LogConfig,
      RestartPolicy,
      PortBindings,
    },
    {
      ...{ Memory: 512 * 1024 ** 2, MemorySwap: 512 * 1024 ** 2, NanoCpus: 1e9, PidsLimit: 512, ReadonlyRootfs: true },
      ...{ CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges:true'], PortBindings: undefined },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    },
  );
  assert.equal(claw.Config.User, '10001:10001');
  assert.equal(claw.Config.StopTimeout, 60);
  assert.equal(claw.status, 'running');
  assert.match(host.read('claw-soul-alice', 'SOUL.md'), /^# Soul/);
});

test('the identity and the settings of a claw are for their owner only, and stand in no argument, label or compose file', async () => {
  using host = new TestHost();
  const keyFile = join(host.folder, 'key');
  writeFileSync(keyFile, 'sk-very-secret-key\n', { mode: 0o600 });
  const { code, err } = await host.admin(
    ['provision', 'alice', '--zai-key-file', keyFile, '--telegram-token', '-', '--telegram-chat-id', '-1001'],
    '12345:bot-token\n',
  );
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /warning/);
  const folder = join(host.root, 'users', 'alice');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of ['claw.env', 'claw.json', 'docker-compose.yml'])
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  const values = readEnvFile(join(folder, 'claw.env'));
  assert.equal(values.get('ANTHROPIC_API_KEY'), 'sk-very-secret-key');
  assert.equal(values.get('MODEL_PROVIDER'), 'anthropic');
  assert.equal(values.get('TELEGRAM_BOT'), '12345:bot-token');
  assert.equal(values.get('TELEGRAM_CHAT_ID'), '-1001');
  assert.match(Buffer.from(values.get('GATHER_PRIVATE_KEY')!, 'base64').toString(), /^-----BEGIN PRIVATE KEY-----/);
  assert.match(Buffer.from(values.get('GATHER_PUBLIC_KEY')!, 'base64').toString(), /^-----BEGIN PUBLIC KEY-----/);
  const seen =
    JSON.stringify(host.calls) +
    readFileSync(join(folder, 'docker-compose.yml'), 'utf8') +
    JSON.stringify(host.container('claw-alice')!.Config.Labels);
  for (const secret of ['sk-very-secret-key', 'bot-token', values.get('GATHER_PRIVATE_KEY')!])
    assert.ok(!seen.includes(secret), secret);
});

test('a key on the command line is taken, with a warning', async () => {
  using host = new TestHost();
  const { code, err } = await host.admin(['provision', 'alice', '--zai-key', 'sk-very-secret-key']);
  assert.equal(code, 0);
  assert.match(err, /warning: --zai-key on the command line can be read by everybody/);
  assert.ok(!JSON.stringify(host.calls).includes('sk-very-secret-key'));
});

test('hostile names are refused by every command before anything is done', async () => {
  using host = new TestHost();
  for (const name of hostile) {
    for (const command of [['provision'], ['deprovision', '--delete-data'], ['patch'], ['status'], ['backup']]) {
      const { code, err } = await host.admin([...command, '--', name]);
      assert.equal(code, 2, `${command[0]} ${name}`);
      assert.ok(err.length < 400, err);
    }
  }
  assert.deepEqual(host.calls, []);
  assert.ok(!existsSync(host.root));
});

test('names of the platform are reserved', async () => {
  using host = new TestHost();
  for (const name of ['mcp', 'app', 'chat', 'skills', 'api', 'www', 'auth', 'admin', 'traefik']) {
    assert.ok(reservedNames.includes(name), name);
    const { code, err } = await host.admin(['provision', name]);
    assert.equal(code, 2);
    assert.match(err, /reserved for the platform/);
  }
});

test('hostile values are refused, and a value that is only odd arrives as it is', async () => {
  using host = new TestHost();
  const file = join(host.folder, 'more.env');
  const odd = `it's "quoted" $HOME \`id\` ; rm -rf / # ${'x'.repeat(300)}`;
  writeFileSync(file, `PLUGIN_TOKEN=${odd}\n`, { mode: 0o600 });
  await host.must('provision', 'alice', '--env-file', file);
  assert.ok((host.container('claw-alice')!.Config.Env as string[]).includes(`PLUGIN_TOKEN=${odd}`));
  for (const line of [
    'LD_PRELOAD=/x.so',
    'NODE_OPTIONS=--require=/x',
    'PATH=/x',
    'CLAY_ROOT=/',
    'CLAW_NAME=bob',
    'no equals sign',
    '1A=b',
  ]) {
    writeFileSync(file, `${line}\n`);
    assert.equal((await host.admin(['provision', 'bobby', '--env-file', file])).code, 1, line);
  }
  for (const key of ['two words', 'short', 'line\nLD_PRELOAD=/x.so', 'x'.repeat(5000)]) {
    const { code, err } = await host.admin(['provision', 'bobby', '--zai-key', '-'], key);
    assert.equal(code, 1, key);
    assert.ok(!err.includes(key), 'a secret stands in no message');
  }
  for (const [option, value] of [
    ['--domain', 'a b'],
    ['--domain', 'x`)||Host(`y'],
    ['--image', '-v/:/x'],
    ['--memory', '1t'],
    ['--telegram-chat-id', '1;2'],
  ] as const)
    assert.equal((await host.admin(['provision', 'bobby', `${option}=${value}`])).code, 2, value);
  assert.equal(host.container('claw-bobby'), undefined);
});

test('of two that make one claw at once exactly one wins, and nothing of the other stays', async () => {
  using host = new TestHost();
  const ran = await Promise.all([1, 2, 3].map(() => host.admin(['provision', 'alice'])));
  assert.deepEqual(ran.map(({ code }) => code).sort(), [0, 1, 1]);
  const lost = ran.filter(({ code }) => code === 1);
  for (const { err } of lost) assert.match(err, /works on the claw alice right now|There is a claw alice already/);
  assert.equal(host.container('claw-alice')?.status, 'running');
  const tenant = (host.container('claw-alice')!.Config.Labels as Record<string, string>)['clay.tenant'];
  assert.equal(JSON.parse(host.userFile('alice', 'claw.json')).tenant, tenant);
  assert.equal(host.store.read().volumes['claw-data-alice']?.Labels['clay.tenant'], tenant);
});

test('a name that is used again never gives its former data to somebody else', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  const first = JSON.parse(host.userFile('alice', 'claw.json')).tenant;
  host.put('claw-data-alice', 'diary', 'mine');
  await host.must('deprovision', 'alice');
  assert.deepEqual(host.containers, []);

  const refused = await host.admin(['provision', 'alice']);
  assert.equal(refused.code, 1);
  assert.match(refused.err, new RegExp(`--adopt ${first}`));
  assert.equal((await host.admin(['provision', 'alice', '--adopt', '11111111-2222-4333-8444-555555555555'])).code, 1);

  await host.must('provision', 'alice', '--adopt', first);
  assert.equal(host.read('claw-data-alice', 'diary'), 'mine');
  await host.must('deprovision', 'alice', '--delete-data');
  assert.deepEqual(host.store.read().volumes, {});
  await host.must('provision', 'alice');
  assert.notEqual(JSON.parse(host.userFile('alice', 'claw.json')).tenant, first);
});

test('a volume without a tenant is nobody’s to take', async () => {
  using host = new TestHost();
  host.store.change((state) => {
    state.volumes['claw-data-alice'] = { Name: 'claw-data-alice', Labels: {} };
  });
  const { code, err } = await host.admin(['provision', 'alice']);
  assert.equal(code, 1);
  assert.match(err, /no label that says whose it is/);
  assert.equal((await host.admin(['deprovision', 'alice', '--delete-data'])).code, 1);
  assert.ok(host.store.read().volumes['claw-data-alice'] !== undefined);
});

test('a claw that does not become healthy leaves nothing behind', async () => {
  using host = new TestHost({ CLAW_ROUTER: 'nginx' });
  host.addImage('clay:latest', { failsPreflight: true });
  const { code, err } = await host.admin(['provision', 'alice']);
  assert.equal(code, 1);
  assert.match(err, /it cannot start/);
  const { containers, volumes, networks } = host.store.read();
  assert.deepEqual([containers, volumes, networks], [{}, {}, {}]);
  assert.ok(!existsSync(join(host.root, 'users', 'alice')));
  assert.ok(!existsSync(join(host.root, 'ports', '10000')));
});

test('taking down what is not there is an error', async () => {
  using host = new TestHost();
  const { code, err } = await host.admin(['deprovision', 'nobody']);
  assert.equal(code, 1);
  assert.match(err, /There is no claw-nobody here/);
});

test('list and status tell what there is', async () => {
  using host = new TestHost();
  await host.must('provision', 'alice');
  await host.must('provision', 'bobby');
  await host.must('deprovision', 'bobby');
  const rows = (await host.must('list', '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map(({ name, state }) => [name, state]),
    [
      ['alice', 'healthy'],
      ['bobby', 'kept'],
    ],
  );
  assert.match(await host.must('status', 'alice'), /limits\s+512 MB, 1 CPU, 512 processes/);
  assert.equal((await host.admin(['status', 'bobby'])).code, 1);
});

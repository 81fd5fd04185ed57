import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findComponent } from '../host/gateway/testing/component.ts';
import { adminCommands } from './commands.ts';
import { TestHost } from './testing/host.ts';

const folder = import.meta.dirname;
const scripts = readdirSync(folder).filter((name) => name.endsWith('.sh'));

test('a server is made ready, and its settings are those of every claw that is made then', async () => {
  using host = new TestHost({ CLAW_ROUTER: '', NGINX: '/bin/true' });
  const certificates = join(host.folder, 'certificates');
  const env = { CLAW_CERTIFICATES: certificates };
  const args = ['setup-host', '--no-install', '--domain', 'claws.example', '--memory', '600m'];
  const first = await host.admin(args, '', env);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /certbot certonly .* -d 'claws.example' -d '\*\.claws.example'/);
  const site = join(host.folder, 'nginx', 'sites-enabled', 'claw');
  assert.doesNotMatch(readFileSync(site, 'utf8'), /443/, 'without a certificate nginx would not start with it');
  for (const name of ['', 'users', 'backups']) assert.equal(statSync(join(host.root, name)).mode & 0o777, 0o700);

  mkdirSync(certificates);
  writeFileSync(join(certificates, 'fullchain.pem'), '');
  const second = await host.admin(args, '', env);
  assert.equal(second.code, 0, second.err);
  assert.match(second.out, /This host is ready/);
  assert.match(
    readFileSync(site, 'utf8'),
    /listen 443 ssl http2 default_server;[\s\S]*return 404;[\s\S]*include .*\/claw-users\/\*\.conf;/,
  );

  await host.must('provision', 'alice');
  assert.equal(host.container('claw-alice')!.HostConfig.Memory, 600 * 1024 ** 2);
  const conf = readFileSync(join(host.folder, 'nginx', 'claw-users', 'alice.conf'), 'utf8');
  assert.match(conf, /server_name alice\.claws\.example;/);
  assert.ok(conf.includes(`ssl_certificate ${certificates}/fullchain.pem`));
});

test('a folder that is no checkout, or a setting that is wrong, changes nothing', async () => {
  using host = new TestHost({ NGINX: '/bin/true' });
  assert.equal((await host.admin(['setup-host', host.folder])).code, 2);
  assert.equal((await host.admin(['setup-host', '--router', 'apache'])).code, 2);
  assert.ok(!existsSync(host.root));
  mkdirSync(host.root);
  writeFileSync(join(host.root, 'operator.json'), '{"domian": "x"}');
  const { code, err } = await host.admin(['provision', 'alice']);
  assert.equal(code, 2);
  assert.match(err, /sets "domian"; there are domain,/);
});

test('every command has help that names each of its options', async () => {
  using host = new TestHost();
  const all = await host.must('--help');
  for (const [name, { options }] of Object.entries(adminCommands)) {
    assert.match(all, new RegExp(`^ {2}${name} `, 'm'));
    const help = await host.must(name, '--help');
    // Kept for scripts of the original, and told of only to who gives it.
    for (const option of Object.keys(options))
      if (option !== 'pb-admin-token') assert.ok(help.includes(`--${option}`), `${name} --${option}`);
    assert.equal(await host.must('help', name), help);
  }
  assert.deepEqual(host.calls, []);
});

test('a Docker that is not there, or not running, is told in its own words', async () => {
  using host = new TestHost();
  const program = (line: string) => host.program(`docker-${line.length}`, line);
  const { runAdmin } = await import('./index.ts');
  for (const [docker, told] of [
    ['/nonexistent/docker', /it is not installed, or DOCKER names another place/],
    [program('echo "Cannot connect to the Docker daemon." >&2; exit 1'), /Cannot connect to the Docker daemon/],
    [program('echo "[{}]"'), /told what this tool cannot read/],
  ] as const) {
    const { PassThrough } = await import('node:stream');
    const error = new PassThrough();
    const code = await runAdmin({
      argv: ['status', 'alice'],
      env: { ...host.env, DOCKER: docker },
      input: new PassThrough(),
      output: new PassThrough(),
      error,
    });
    assert.equal(code, 1);
    assert.match(String(error.read()), told);
  }
});

const shellcheck = findComponent('shellcheck', 'SHELLCHECK', 'shellcheck');
test('the scripts are plain shell that shellcheck has nothing against', {
  skip: shellcheck.path === null && 'shellcheck not found',
}, () => {
  assert.equal(scripts.length, 4);
  for (const name of scripts) assert.equal(statSync(join(folder, name)).mode & 0o111, 0o111, name);
  const { status, stdout } = spawnSync(shellcheck.path!, scripts, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

const bats = findComponent('bats', 'BATS', 'bats');
test('the scripts do what the tool does', { skip: bats.path === null && 'bats not found' }, () => {
  const { status, stdout, stderr } = spawnSync(bats.path!, [join(folder, 'testing', 'scripts.bats')], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NODE: process.execPath, HOME: process.env.HOME },
  });
  assert.equal(status, 0, stdout + stderr);
});

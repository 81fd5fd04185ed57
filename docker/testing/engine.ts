// `node docker/testing/engine.ts`: builds the image with an engine that is started by hand, runs it as an operator
// would, and tells the figures. Needs root on Linux; CLAY_ENGINE_CACHE keeps what is downloaded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openTelegramWorld } from '../../host/testing/chats/telegram-world.ts';
import { findComponent } from '../../plugins/matterbridge/testing/component.ts';
import { FakeBotApi } from '../../plugins/telegram/testing/fake-bot-api.ts';
import { type DockerEngine, findEngine, startEngine } from './docker-engine.ts';
import { buildContext, importProgram, importRuntime, standInProgram, standInRuntime } from './stand-in.ts';

const root = dirname(dirname(import.meta.dirname));
const cache = process.env.CLAY_ENGINE_CACHE || join(root, '.ci', 'cache', 'engine');

if (process.env.CLAY_ENGINE_INSIDE === undefined) {
  // In a network of its own, no build can look anything up in a registry, and no claw can reach anybody.
  mkdirSync(cache, { recursive: true });
  findEngine(cache);
  const inside = spawnSync(
    'unshare',
    [
      '-n',
      'sh',
      '-c',
      'ip link set lo up && exec "$0" "$@"',
      process.execPath,
      '--test-reporter=spec',
      import.meta.filename,
    ],
    {
      stdio: 'inherit',
      env: { ...process.env, CLAY_ENGINE_INSIDE: '1' },
    },
  );
  process.exit(inside.status ?? 1);
}

const folder = mkdtempSync(join(tmpdir(), 'clay-engine-'));
const programs = findEngine(cache);
// The compose file wants one.
process.env.BUILD_TOKEN = 'for-this-test';
const engine: DockerEngine = await startEngine(programs, join(folder, 'docker'));
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
const image = 'clay:0.1.0';

const hardening = [
  ...['--network', 'host', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--pids-limit', '512', '--memory', '512m'],
  ...['--tmpfs', '/tmp:size=256m,mode=1777', '--tmpfs', '/app/builds:size=256m,uid=10001,gid=10001,mode=0700'],
];
const volumesOf = (user: string) =>
  ['data', 'soul', 'public'].flatMap((name) => ['-v', `claw-${name}-${user}:/app/${name}`]);

interface Ports {
  readonly port: number;
  readonly adkPort: number;
}

/** Creates a claw's container and starts it. */
async function run(name: string, user: string, { port, adkPort }: Ports, more: readonly string[] = []): Promise<void> {
  const ports = ['-e', `CLAY_PORT=${port}`, '-e', `ADK_PORT=${adkPort}`];
  await engine.docker('run', '-d', '--name', name, ...hardening, ...volumesOf(user), ...ports, ...more, image);
}

async function untilReady(name: string, port: number, status = 200): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.status === status) return;
    await wait(20);
  }
  const { stdout, stderr } = await engine.tryDocker('logs', name);
  throw new Error(`${name} was not ready with ${status} within a minute: ${stdout}${stderr}`);
}

async function say(name: string, port: number, text: string): Promise<string> {
  const token = await engine.docker('exec', name, 'cat', '/app/data/token');
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/msg`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ text }),
  });
  assert.equal(response.status, 200);
  return ((await response.json()) as { text: string }).text;
}

const exec = (name: string, command: string) => engine.docker('exec', name, 'bash', '-c', command);
const figure = (name: string, value: string) => process.stdout.write(`figure: ${name}: ${value}\n`);
const inspect = async (name: string, format: string) => engine.docker('inspect', '--format', format, name);

/** Of all that runs in it, shared pages counted by their share, in MB. */
async function residentMb(name: string): Promise<number> {
  const table = await engine.docker('top', name, '-o', 'pid,pss');
  const kilobytes = table
    .split('\n')
    .slice(1)
    .map((line) => Number(line.trim().split(/\s+/)[1]));
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

test('the image builds from its Dockerfile, with the claw started once in the build', async () => {
  assert.ok(matterbridge.path !== null, 'matterbridge is not there: set MATTERBRIDGE_BIN');
  const tini = join(programs, 'usr', 'bin', 'tini-static');
  await importRuntime(engine, cache, { node: realpathSync(process.execPath), tini, matterbridge: matterbridge.path });
  await importProgram(engine);
  const context = buildContext();
  const begin = performance.now();
  const stages = ['--build-arg', `RUNTIME=${standInRuntime}`, '--build-arg', `ASSEMBLED=${standInProgram}`];
  await engine.docker(
    'build',
    '--network',
    'host',
    '-f',
    join(context, 'docker', 'Dockerfile'),
    ...stages,
    '-t',
    image,
    context,
  );
  figure('build of the image, from assembled parts', `${((performance.now() - begin) / 1000).toFixed(1)} s`);
  const service = ['-f', join(context, 'docker', 'Dockerfile.buildservice'), '--build-arg', `CLAY_IMAGE=${image}`];
  await engine.docker('build', '--network', 'host', ...service, '-t', 'clay-build:0.1.0', context);
  rmSync(context, { recursive: true });
  for (const name of [standInRuntime, image]) {
    const bytes = await compressedBytes(name);
    figure(`compressed ${name}`, `${(bytes / 1e6).toFixed(1)} MB`);
  }
  const history = await engine.docker('history', '--no-trunc', '--format', '{{.CreatedBy}}', image);
  assert.doesNotMatch(history, /API_KEY|TOKEN=|SECRET|PRIVATE KEY/);
  assert.equal(await inspect(image, '{{.Config.User}}'), '10001:10001');
});

async function compressedBytes(name: string): Promise<number> {
  const save = engine.spawn('save', name);
  const { createGzip } = await import('node:zlib');
  let bytes = 0;
  for await (const chunk of save.stdout!.pipe(createGzip())) bytes += chunk.length;
  return bytes;
}

test('a claw runs as a user of its own on a root that nobody can write, answers, and reaps what its shells leave behind', async () => {
  const ports = { port: 8080, adkPort: 8081 };
  const begin = performance.now();
  await run('claw-a', 'a', ports);
  await untilReady('claw-a', ports.port);
  const answer = await say('claw-a', ports.port, 'remember that the gate code is 4711');
  figure('docker run → first reply', `${((performance.now() - begin) / 1000).toFixed(1)} s`);
  assert.match(answer, /4711|Stored|remember/i);
  assert.match(await exec('claw-a', 'tr "\\0" " " </proc/1/cmdline'), /^tini -g -- /);
  assert.match(await exec('claw-a', 'id'), /uid=10001\(clay\) gid=10001\(clay\)/);
  assert.match(await exec('claw-a', 'grep -h CapEff /proc/self/status /proc/1/status'), /^CapEff:\t0+\nCapEff:\t0+$/);
  assert.match(
    await exec('claw-a', 'touch /x /opt/clay/x /app/x /app/src/x 2>&1 || true'),
    /(Read-only file system[\s\S]*){4}/,
  );
  assert.match(await say('claw-a', ports.port, 'run touch /app/src/mine'), /Read-only file system/);
  await exec('claw-a', '(sleep 0.1 & disown); (sleep 0.1 & disown); true');
  await wait(400);
  assert.doesNotMatch(await exec('claw-a', 'cat /proc/[0-9]*/stat 2>/dev/null'), /\) Z /);
  assert.match(await exec('claw-a', 'cat /app/VERSION /app/core-version; ls /app/src'), /plugins/);
  const deadline = performance.now() + 30_000;
  while ((await inspect('claw-a', '{{.State.Health.Status}}')) !== 'healthy') {
    assert.ok(performance.now() < deadline, 'the engine never called it healthy');
    await wait(250);
  }
});

test('an idle claw is small', async () => {
  await wait(15_000);
  const megabytes = await residentMb('claw-a');
  figure('idle claw, PSS of all its processes', `${megabytes.toFixed(0)} MB`);
  figure(
    'idle claw, as the engine counts it',
    await engine.docker('stats', '--no-stream', '--format', '{{.MemUsage}}', 'claw-a'),
  );
  figure('idle claws in 8 GB by that', `${Math.floor(8192 / megabytes)}`);
  assert.ok(megabytes < 8192 / 30, `${megabytes} MB: fewer than 30 in 8 GB`);
});

test('a killed host is started again by its medic; a killed container goes on where it was; a stop lets an open turn end', async () => {
  await exec(
    'claw-a',
    'for p in /proc/[0-9]*; do grep -qa "clay.mjs.start" $p/cmdline && ! grep -qa medic.mjs $p/cmdline && kill -9 $(basename $p); done; true',
  );
  await untilReady('claw-a', 8080);
  assert.match(await say('claw-a', 8080, 'what do you remember about gate'), /4711/);
  await engine.docker('kill', 'claw-a');
  await engine.docker('start', 'claw-a');
  await untilReady('claw-a', 8080);
  assert.match(await say('claw-a', 8080, 'what do you remember about gate'), /4711/);
  const turn = say('claw-a', 8080, 'run sleep 2 && echo drained');
  await wait(700);
  const begin = performance.now();
  const [, answer] = await Promise.all([engine.docker('stop', '-t', '60', 'claw-a'), turn]);
  figure('docker stop with a turn of two seconds open', `${((performance.now() - begin) / 1000).toFixed(1)} s`);
  assert.match(answer, /drained/);
  assert.equal(await inspect('claw-a', '{{.State.ExitCode}}'), '0');
  await engine.docker('restart', 'claw-a');
  await untilReady('claw-a', 8080);
});

test('a new container stands by while the old one serves, and takes its volumes when that is stopped', async () => {
  const next = { port: 8180, adkPort: 8181 };
  await run('claw-a-next', 'a', next, ['-e', 'CLAY_STANDBY=wait:p1', '--restart', 'no']);
  await untilReady('claw-a-next', next.port, 503);
  const deadline = performance.now() + 60_000;
  while ((await engine.tryDocker('exec', 'claw-a-next', 'clay', 'standby')).code !== 0)
    assert.ok(performance.now() < deadline, 'it never waited');
  assert.equal(await inspect('claw-a-next', '{{.State.Health.Status}}'), 'starting');
  assert.match(await say('claw-a', 8080, 'add task said to the old one'), /old one/);
  const stopped = engine.docker('stop', '-t', '60', 'claw-a').then(() => performance.now());
  const ready = untilReady('claw-a-next', next.port).then(() => performance.now());
  figure('old one stopped → new one ready', `${Math.round((await ready) - (await stopped))} ms`);
  assert.match(await say('claw-a-next', next.port, 'list tasks'), /said to the old one/);
  await engine.docker('rm', '-f', 'claw-a', 'claw-a-next');
});

test('a volume that belongs to root ends the container with 4 and the command that mends it', async () => {
  const data = join(folder, 'foreign');
  mkdirSync(data, { mode: 0o755 });
  const { code, stderr } = await engine.tryDocker('run', '--rm', ...hardening, '-v', `${data}:/app/data`, image);
  assert.equal(code, 4);
  assert.match(stderr, /\/app\/data belongs to 0:0.*chown -R 10001:10001/);
});

test('a person on Telegram talks to the claw in the container through the real Matterbridge in it', async () => {
  const ada = { id: 5001, first_name: 'Ada', username: 'ada' };
  const fake = new FakeBotApi({ chatGapMs: 900 });
  await using world = await openTelegramWorld({
    connector: 'matterbridge',
    fake,
    program: '/usr/local/bin/matterbridge',
  });
  const [operator, authority] = [join(folder, 'clay.json'), join(folder, 'ca.pem')];
  writeFileSync(operator, JSON.stringify({ plugins: world.plugins }), { mode: 0o644 });
  copyFileSync(world.environment.SSL_CERT_FILE!, authority);
  chmodSync(authority, 0o644);
  chmodSync(folder, 0o755);
  const environment = { ...world.environment, SSL_CERT_FILE: '/etc/clay-ca.pem', TELEGRAM_CHAT_ID: String(ada.id) };
  const said = () => fake.said(ada.id).filter(({ text }) => text !== '…' && !text.endsWith('▌'));
  await run('claw-t', 't', { port: 8080, adkPort: 8081 }, [
    ...Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...['-v', `${operator}:/app/clay.json:ro`, '-v', `${authority}:/etc/clay-ca.pem:ro`],
  ]);
  await untilReady('claw-t', 8080);
  const begin = performance.now();
  fake.say({ from: ada, text: 'add task water the plants' });
  await fake.until(() => said().length > 0);
  figure('message on Telegram → answer there, by Matterbridge', `${((performance.now() - begin) / 1000).toFixed(1)} s`);
  assert.match(said()[0]!.text, /water the plants/);
  assert.match(await engine.docker('top', 'claw-t', '-o', 'pid,uid,args'), /\d+\s+10001\s+\S*matterbridge/);
  figure('idle claw with Matterbridge, PSS of all its processes', `${(await residentMb('claw-t')).toFixed(0)} MB`);
  await engine.docker('rm', '-f', 'claw-t');
});

test('the build service builds a plugin as a user of its own, and refuses who has no token', async () => {
  const bare = hardening.filter((word, index) => !/builds/.test(word) && !/builds/.test(hardening[index + 1] ?? ''));
  await engine.docker('run', '-d', '--name', 'builder', ...bare, '-e', 'BUILD_TOKEN=for-this-test', 'clay-build:0.1.0');
  const deadline = performance.now() + 30_000;
  while (!(await fetch('http://127.0.0.1:9090/health').catch(() => null))?.ok)
    assert.ok(performance.now() < deadline, (await engine.tryDocker('logs', 'builder')).stderr);
  const tar = spawnSync('tar', ['-cz', '-C', join(root, 'examples', 'dice'), '.'], { maxBuffer: 2 ** 24 });
  const send = (headers: Record<string, string>) =>
    fetch('http://127.0.0.1:9090/build?name=dice', { method: 'POST', headers, body: tar.stdout });
  assert.equal((await send({})).status, 401);
  const response = await send({ authorization: 'Bearer for-this-test' });
  assert.equal(response.status, 200, await response.clone().text());
  assert.equal(await exec('builder', 'id -u'), '10002');
  const child = engine.spawn('stop', '-t', '10', 'builder');
  await once(child, 'close');
  assert.equal(await inspect('builder', '{{.State.ExitCode}}'), '0');
});

test('the compose file for development brings both up, healthy, and the claw deploys a plugin that the build service has built', async (t) => {
  if ((await engine.tryDocker('compose', 'version')).code !== 0) return t.skip('docker compose not found');
  const files = [join(root, 'docker', 'docker-compose.yml'), join(import.meta.dirname, 'compose-on-host.yml')];
  const compose = (...args: readonly string[]) =>
    engine.docker('compose', ...files.flatMap((file) => ['-f', file]), ...args);
  await engine.docker('rm', '-f', 'builder');
  const begin = performance.now();
  await compose('up', '-d', '--no-build', '--wait');
  figure('docker compose up --wait', `${((performance.now() - begin) / 1000).toFixed(1)} s`);
  const inClaw = 'mkdir -p data/plugins && cp -r src/examples/dice data/plugins/dice && clay dev dice --once';
  assert.match(await compose('exec', '-T', 'claw', 'bash', '-c', inClaw), /dice/);
  assert.match(await compose('exec', '-T', 'claw', 'clay', 'generations'), /dice\s+\*1\s+(probation|committed)/);
  assert.match((await engine.tryDocker('compose', '-f', files[0]!, 'logs', 'build-service')).stdout, /"plugin":"dice"/);
  await compose('down', '--volumes');
});

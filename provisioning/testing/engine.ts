// `node provisioning/testing/engine.ts`: the tool over a real Docker engine, which is started by hand. Needs root on Linux;
// CLAY_ENGINE_CACHE keeps what is downloaded.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { findEngine, startEngine } from '../../docker/testing/docker-engine.ts';
import {
  buildContext,
  importProgram,
  importRuntime,
  standInProgram,
  standInRuntime,
} from '../../docker/testing/stand-in.ts';
import { findComponent } from '../../plugins/matterbridge/testing/component.ts';
import { DockerProgram } from '../docker/docker.ts';
import { type Container, inspectContainer } from '../docker/inspect.ts';
import { runAdmin } from '../index.ts';
import type { PatchTiming } from '../patch/patch.ts';

const here = import.meta.dirname;
const cache = process.env.CLAY_ENGINE_CACHE || join(here, '..', '..', '.ci', 'cache', 'engine');
const timing: PatchTiming = { standbyMs: 20_000, bootMs: 20_000, healthMs: 3_000, pollMs: 100, graceSeconds: 10 };

if (process.env.CLAY_ENGINE_INSIDE === undefined) {
  mkdirSync(cache, { recursive: true });
  findEngine(cache);
  findBusybox();
  // In a network of its own: no container can reach anybody.
  const words = [
    '-n',
    'sh',
    '-c',
    'ip link set lo up && exec "$0" "$@"',
    process.execPath,
    '--test-reporter=spec',
    import.meta.filename,
  ];
  const inside = spawnSync('unshare', words, { stdio: 'inherit', env: { ...process.env, CLAY_ENGINE_INSIDE: '1' } });
  process.exit(inside.status ?? 1);
}

const folder = mkdtempSync(join(tmpdir(), 'clay-provisioning-engine-'));
const programs = findEngine(cache);
const engine = await startEngine(programs, join(folder, 'docker'));
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const env = {
  PATH: process.env.PATH ?? '',
  CLAW_ROOT: join(folder, 'claw'),
  CLAW_ROUTER: 'none',
  DOCKER: join(programs, 'usr', 'bin', 'docker'),
  DOCKER_HOST: `unix://${join(folder, 'docker', 'docker.sock')}`,
};
const docker = new DockerProgram({ program: env.DOCKER, env });

function findBusybox(): string {
  const file = join(cache, 'busybox', 'bin', 'busybox');
  if (existsSync(file)) return file;
  const debs = join(cache, 'busybox-deb');
  mkdirSync(debs, { recursive: true });
  execFileSync('apt-get', ['download', 'busybox-static'], { cwd: debs, stdio: 'ignore' });
  execFileSync('dpkg-deb', ['-x', join(debs, readdirSync(debs)[0]!), join(cache, 'busybox')]);
  return file;
}

/** An image with a busybox, and a `clay` that keeps the promises; `marks` are empty files that say how it goes wrong. */
async function makeImage(tag: string, ...marks: readonly string[]): Promise<void> {
  const root = mkdtempSync(join(folder, 'image-'));
  for (const name of ['bin', 'tmp', 'app/data', 'app/soul', 'app/public', 'app/builds'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync(findBusybox(), join(root, 'bin', 'busybox'));
  for (const name of ['sh', 'sleep', 'mkdir', 'rmdir', 'cat', 'id']) symlinkSync('busybox', join(root, 'bin', name));
  copyFileSync(join(here, 'stand-in', 'clay'), join(root, 'bin', 'clay'));
  chmodSync(join(root, 'bin', 'clay'), 0o755);
  for (const mark of marks) writeFileSync(join(root, mark), '');
  execFileSync('chown', ['-R', '10001:10001', join(root, 'app')]);
  // A tmpfs takes the mode of the folder that it covers, whatever its own option says.
  chmodSync(join(root, 'tmp'), 0o1777);
  const archive = join(folder, 'image.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  const changes = [
    'USER 10001:10001',
    'ENV PATH=/bin CLAY_ROOT=/app',
    'ENTRYPOINT ["clay","container"]',
    'HEALTHCHECK --interval=1s --retries=3 --start-period=60s CMD ["clay","health"]',
    `LABEL org.opencontainers.image.version=${tag}`,
  ];
  await engine.docker('import', ...changes.flatMap((change) => ['--change', change]), archive, tag);
}

async function admin(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  const output = new PassThrough();
  const told = text(output);
  const code = await runAdmin({ argv, env, timing, input: new PassThrough().end(), output, error: output });
  output.end();
  return { code, out: await told };
}

async function must(...argv: readonly string[]): Promise<string> {
  const { code, out } = await admin(...argv);
  assert.equal(code, 0, out);
  return out;
}

/** What a patch may not change. */
async function lasting(name: string): Promise<unknown> {
  const { HostConfig, Mounts, NetworkSettings, Config, Id } = (await inspectContainer(docker, name)) as Container;
  const { Image, Hostname, Labels, Env, ...config } = Config;
  const own = Object.entries(Labels ?? {}).filter(([key]) => !key.startsWith('org.opencontainers'));
  const variables = (Env ?? []).filter((line) => !line.startsWith('CLAY_STANDBY=')).sort();
  const networks = Object.entries(NetworkSettings.Networks).map(([key, { Aliases }]) => [
    key,
    (Aliases ?? []).filter((alias) => !Id.startsWith(alias)),
  ]);
  // In no order: Docker keeps them in maps.
  const binds = [...((HostConfig.Binds ?? []) as string[])].sort();
  const mounts = Mounts.toSorted((a, b) => a.Destination.localeCompare(b.Destination));
  return {
    config,
    own: Object.fromEntries(own),
    variables,
    host: { ...HostConfig, Binds: binds },
    mounts,
    networks,
    hasDefaultName: Id.startsWith(Hostname ?? '-'),
  };
}

const history = async (name: string) => (await engine.docker('exec', name, 'cat', '/app/data/history')).split('\n');

test('a claw is made, with a soul that is its own and a root that nobody can write', async () => {
  await makeImage('clay:latest');
  await must('provision', 'alice');
  assert.equal(await engine.docker('exec', 'claw-alice', 'id', '-u'), '10001');
  assert.match(await engine.docker('exec', 'claw-alice', 'cat', '/app/soul/SOUL.md'), /^# Soul/);
  assert.equal(
    await engine.docker('exec', 'claw-alice', 'busybox', 'stat', '-c', '%u:%g %a', '/app/soul/SOUL.md'),
    '10001:10001 644',
  );
  assert.notEqual((await engine.tryDocker('exec', 'claw-alice', 'mkdir', '/x')).code, 0);
  await engine.docker('exec', 'claw-alice', 'mkdir', '/app/soul/of-its-own');
  assert.match(await must('status', 'alice'), /state {5}healthy/);
});

test('a patch keeps everything that Docker knows of the container, and two never hold the volume', async () => {
  const before = await lasting('claw-alice');
  await makeImage('clay:2');
  await must('patch', 'alice', '--image', 'clay:2');
  assert.deepEqual(await lasting('claw-alice'), before);
  assert.equal(await engine.docker('inspect', '--format', '{{.Config.Image}}', 'claw-alice'), 'clay:2');
  assert.deepEqual(await history('claw-alice'), ['10001', '10001']);
});

test('a patch to an image that does not boot, or dies, ends where it began', async () => {
  const before = await engine.docker('inspect', '--format', '{{.Id}}', 'claw-alice');
  for (const mark of ['fails', 'ill']) {
    await makeImage(`clay:${mark}`, mark);
    const { code, out } = await admin('patch', 'alice', '--image', `clay:${mark}`);
    assert.equal(code, 1, out);
    assert.equal(
      await engine.docker('inspect', '--format', '{{.Id}} {{.State.Health.Status}}', 'claw-alice'),
      `${before} healthy`,
    );
    assert.equal(await engine.docker('ps', '-a', '--format', '{{.Names}}'), 'claw-alice');
  }
});

test('a container with odder settings is handed on whole', async () => {
  const flags = [
    '--memory',
    '300m',
    '--cpus',
    '0.75',
    '--pids-limit',
    '99',
    '--ulimit',
    'nofile=1000:2000',
    '--tmpfs',
    '/tmp',
    '--shm-size',
    '8m',
    '--cap-add',
    'CHOWN',
    '--sysctl',
    'net.ipv4.ip_unprivileged_port_start=0',
    '--add-host',
    'a.b:10.0.0.1',
    '--dns',
    '10.0.0.53',
    '--group-add',
    '4711',
    '--security-opt',
    'no-new-privileges',
    '--label',
    'odd=a,b "c" $d',
    '--env',
    'MORE=$HOME "x"',
    '--stop-timeout',
    '9',
    '--health-cmd',
    'clay health',
    '--restart',
    'on-failure:5',
    '--log-opt',
    'max-size=1m',
    '--network',
    'claw-alice',
    '--network-alias',
    'other',
    '--init=false',
    '--oom-score-adj',
    '100',
    '--cpu-shares',
    '512',
    '--mount',
    'type=volume,source=claw-data-bobby,target=/app/data',
    '--volume',
    'extra:/extra:ro',
    '--mount',
    'type=tmpfs,target=/scratch,tmpfs-size=1m',
  ];
  await engine.docker('create', '--name', 'claw-bobby', ...flags, 'clay:latest');
  await engine.docker('start', 'claw-bobby');
  const before = await lasting('claw-bobby');
  await must('patch', 'bobby', '--image', 'clay:2');
  assert.deepEqual(await lasting('claw-bobby'), before);
  await engine.docker('rm', '--force', 'claw-bobby');
});

test('a backup is restored into an empty place, whose things belong to the claw again', async () => {
  await engine.docker('exec', 'claw-alice', 'mkdir', '/app/data/kept');
  const file = join(folder, 'alice.tar');
  await must('backup', 'alice', '--to', file);
  assert.equal(await engine.docker('inspect', '--format', '{{.State.Health.Status}}', 'claw-alice'), 'healthy');
  const before = await history('claw-alice');
  await must('deprovision', 'alice', '--delete-data');
  assert.equal(await engine.docker('volume', 'ls', '--quiet', '--filter', 'label=clay.tenant'), '');
  assert.equal(await engine.docker('network', 'ls', '--quiet', '--filter', 'label=clay.tenant'), '');
  await must('restore', 'alice', file);
  const expected = before.slice(0, (await history('claw-alice')).length - 1);
  assert.deepEqual((await history('claw-alice')).slice(0, -1), expected);
  assert.equal(
    await engine.docker('exec', 'claw-alice', 'busybox', 'stat', '-c', '%u:%g', '/app/data/kept'),
    '10001:10001',
  );
  await must('deprovision', 'alice');
});

const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
/** The project's own image needs a root file system from Debian and the real matterbridge. */
const isWhole = process.env.CLAY_ENGINE_IMAGE === '1';

/** The project's own image, on Debian in the place of Alpine. */
async function buildClaw(): Promise<void> {
  assert.ok(matterbridge.path !== null, 'matterbridge is not there: set MATTERBRIDGE_BIN');
  const tini = join(programs, 'usr', 'bin', 'tini-static');
  await importRuntime(engine, cache, { node: realpathSync(process.execPath), tini, matterbridge: matterbridge.path });
  await importProgram(engine);
  const context = buildContext();
  const stages = ['--build-arg', `RUNTIME=${standInRuntime}`, '--build-arg', `ASSEMBLED=${standInProgram}`];
  await engine.docker(
    'build',
    '--network',
    'host',
    '-f',
    join(context, 'docker', 'Dockerfile'),
    ...stages,
    '-t',
    'clay:real',
    context,
  );
  rmSync(context, { recursive: true });
}

/** Says something to a claw as its router would: at the address that it has in its own network. */
async function say(name: string, words: string): Promise<string> {
  const token = await engine.docker('exec', name, 'cat', '/app/data/token');
  const address = await engine.docker(
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    name,
  );
  const answer = await fetch(`http://${address}:8080/msg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ text: words, user_id: 'ann' }),
  });
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { readonly text: string }).text;
}

test('a real claw is made, patched in the middle of its life, and restored, and knows what was said', {
  skip: !isWhole && 'set CLAY_ENGINE_IMAGE=1',
}, async () => {
  await buildClaw();
  const begin = performance.now();
  await must('provision', 'realone', '--image', 'clay:real');
  await say('claw-realone', 'add task water the plants');
  process.stdout.write(`figure: provision → first reply: ${Math.round(performance.now() - begin)} ms\n`);
  const address = await engine.docker(
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    'claw-realone',
  );
  await must('provision', 'another', '--image', 'clay:real');
  const reach = [
    'exec',
    'claw-another',
    'node',
    '-e',
    `fetch('http://${address}:8081/readyz', { signal: AbortSignal.timeout(2000) }).then(() => console.log('open'), () => console.log('shut'))`,
  ];
  assert.equal(await engine.docker(...reach), 'shut', 'the control port of another claw');
  await must('deprovision', 'another', '--delete-data');

  await must('patch', 'realone', '--image', 'clay:real');
  assert.match(await say('claw-realone', 'list tasks'), /water the plants/);
  const file = join(folder, 'real.tar');
  await must('backup', 'realone', '--to', file);
  await must('deprovision', 'realone', '--delete-data');
  await must('restore', 'realone', file, '--image', 'clay:real');
  assert.match(await say('claw-realone', 'list tasks'), /water the plants/);
  await must('deprovision', 'realone', '--delete-data');
});

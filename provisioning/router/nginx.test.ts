import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { parseCompose } from '../claw/compose.ts';
import { TestHost } from '../testing/host.ts';
import { nginxClaw, nginxSite } from './nginx.ts';

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((file) => existsSync(file));
const skip = nginx === undefined ? 'nginx not found' : false;

test('the labels for Traefik belong together: every router has its rule, service and middlewares', async () => {
  using host = new TestHost({ CLAW_ROUTER: 'traefik' });
  host.store.change((state) => {
    const traefik = {
      Id: 'a'.repeat(64),
      Name: '/traefik',
      Image: '',
      Created: '',
      RestartCount: 0,
      status: 'running',
      exitCode: 0,
    } as const;
    state.containers[traefik.Id] = {
      ...traefik,
      startedAt: 0,
      clawSince: null,
      log: [],
      Config: { Image: 'traefik' },
      HostConfig: {},
      Mounts: [],
      Networks: { edge: {} },
    };
  });
  await host.must('provision', 'alice', '--domain', 'claws.example');
  const labels = host.container('claw-alice')!.Config.Labels as Record<string, string>;
  const parts = Object.entries(labels).flatMap(([key, value]) => {
    const [, kind, name, option] = /^traefik\.http\.(routers|services|middlewares)\.([^.]+)\.(.+)$/.exec(key) ?? [];
    return kind === undefined ? [] : [{ kind, name, option: option!, value }];
  });
  const names = (kind: string) => new Set(parts.filter((part) => part.kind === kind).map(({ name }) => name));
  assert.deepEqual([...names('routers')], ['claw-alice'], 'one router, and none to the control port');
  for (const { option, value } of parts.filter(({ kind }) => kind === 'routers')) {
    if (option === 'service') assert.ok(names('services').has(value), value);
    if (option === 'middlewares') for (const name of value.split(',')) assert.ok(names('middlewares').has(name), name);
    if (option === 'rule') assert.equal(value, 'Host(`alice.claws.example`)');
  }
  assert.deepEqual(
    parts.filter(({ option }) => option.endsWith('server.port')).map(({ value }) => value),
    ['8080'],
  );
  assert.equal(labels['traefik.docker.network'], 'claw-alice');
  assert.deepEqual(
    Object.keys(host.container('traefik')!.Networks),
    ['edge', 'claw-alice'],
    'Traefik joins the claw, and no claw another',
  );

  await host.must('deprovision', 'alice');
  assert.deepEqual(Object.keys(host.container('traefik')!.Networks), ['edge']);
});

test('the compose file says the same as the container that was made from it, and a word that the tool does not know is an error', async () => {
  using host = new TestHost({ CLAW_ROUTER: 'nginx', NGINX: '/bin/true' });
  await host.must('provision', 'alice', '--memory', '640m', '--cpus', '0.5');
  const source = host.userFile('alice', 'docker-compose.yml');
  const { services, volumes } = parseCompose(source, 'docker-compose.yml');
  const claw = host.container('claw-alice')!;
  assert.deepEqual(claw.HostConfig.Binds, services.claw.volumes);
  assert.deepEqual(
    Object.keys(volumes),
    services.claw.volumes.map((volume) => volume.split(':')[0]),
  );
  assert.equal(claw.HostConfig.Memory, 640 * 1024 ** 2);
  assert.equal(claw.HostConfig.NanoCpus, 5e8);
  assert.deepEqual(claw.HostConfig.PortBindings, { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '10000' }] });
  assert.throws(() => parseCompose(source.replace('read_only:', 'read_onyl:'), 'x.yml'), /read_onyl/);
  assert.ok(parse(source).services.claw.env_file[0].path === './claw.env');
});

test('two claws behind nginx get two ports of the loopback, and a port that was given back is given again', async () => {
  using host = new TestHost({ CLAW_ROUTER: 'nginx', NGINX: '/bin/true' });
  await Promise.all(['alice', 'bobby'].map((name) => host.must('provision', name)));
  const ports = ['alice', 'bobby'].map((name) => JSON.parse(host.userFile(name, 'claw.json')).port);
  assert.deepEqual(ports.toSorted(), [10_000, 10_001]);
  await host.must('deprovision', 'alice', '--delete-data');
  await host.must('provision', 'carla');
  assert.equal(JSON.parse(host.userFile('carla', 'claw.json')).port, ports[0]);
});

test('a configuration that nginx cannot read takes the claw back', async () => {
  using host = new TestHost({ CLAW_ROUTER: 'nginx' });
  const broken = host.program('nginx', 'echo "[emerg] unknown directive" >&2; exit 1');
  const { code, err } = await host.admin(['provision', 'alice'], '', { NGINX: broken });
  assert.equal(code, 1);
  assert.match(err, /unknown directive/);
  assert.deepEqual(host.containers, []);
  assert.ok(!existsSync(join(host.folder, 'nginx', 'claw-users', 'alice.conf')));
});

/** The real nginx with both templates, before a claw that tells what reaches it. */
let served: {
  readonly host: TestHost;
  readonly port: number;
  readonly seen: IncomingHttpHeaders[];
  stop(): Promise<void>;
};

before(async () => {
  if (nginx === undefined) return;
  const host = new TestHost();
  const seen: IncomingHttpHeaders[] = [];
  const claw = createServer((incoming, answer) => {
    seen.push(incoming.headers);
    answer.setHeader('set-cookie', 'clay_0a1b2c3d=x; Domain=.claws.test; Path=/');
    answer.setHeader('content-type', 'text/event-stream');
    answer.write('data: one\n\n');
    incoming.on('close', () => answer.end());
    if (incoming.url === '/whole') answer.end();
  }).listen(0, '127.0.0.1');
  await once(claw, 'listening');
  const folder = join(host.folder, 'nginx');
  const port = await unusedPort();
  const certificates = join(host.folder, 'certificates');
  mkdirSync(certificates);
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=claws.test',
    '-keyout',
    join(certificates, 'privkey.pem'),
    '-out',
    join(certificates, 'fullchain.pem'),
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const local = (conf: string) =>
    conf
      .replaceAll(/listen \[::\].*\n/g, '')
      .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
      .replaceAll('listen 80', `listen 127.0.0.1:${port + 1}`);
  mkdirSync(join(folder, 'claw-users'));
  writeFileSync(
    join(folder, 'claw-users', 'alice.conf'),
    local(nginxClaw({ domain: 'claws.test', certificates }, 'alice', (claw.address() as AddressInfo).port)),
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `pid ${folder}/pid; daemon off; error_log ${folder}/error.log; events {}\nhttp { access_log off; ${temporary}\n${local(nginxSite({ nginx: folder, certificates }, true))} }`,
  );
  const tested = spawnSync(nginx, ['-t', '-c', join(folder, 'nginx.conf')]);
  assert.equal(tested.status, 0, String(tested.stderr));
  const child = spawn(nginx, ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  for (
    const begin = Date.now();
    !existsSync(join(folder, 'pid'));
    await new Promise((resolve) => setTimeout(resolve, 10))
  )
    if (child.exitCode !== null || Date.now() - begin > 20_000)
      throw new Error(readFileSync(join(folder, 'error.log'), 'utf8'));
  served = {
    ...{ host, port, seen },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      claw.closeAllConnections();
      claw.close();
      host[Symbol.dispose]();
    },
  };
});

after(async () => served?.stop());

test('nginx gives events on at once, tells who asks, and keeps the cookies of one claw from the others', {
  skip,
}, async () => {
  const asked = request({
    ...{ host: '127.0.0.1', port: served.port, path: '/msg/stream', rejectUnauthorized: false },
    headers: {
      host: 'alice.claws.test',
      'x-forwarded-for': '6.6.6.6',
      cookie: 'gather_session=platform; clay_0a1b2c3d=mine; other=1; clay_0a1b2c3d_session=also',
    },
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  // The claw has not ended its answer: what comes was not held back.
  const [chunk] = await once(answer, 'data');
  assert.equal(String(chunk), 'data: one\n\n');
  assert.deepEqual(answer.headers['set-cookie'], ['clay_0a1b2c3d=x; Domain=alice.claws.test; Path=/']);
  asked.destroy();
  const headers = served.seen.at(-1)!;
  assert.equal(headers.cookie, 'clay_0a1b2c3d=mine; clay_0a1b2c3d_session=also');
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.equal(headers['x-forwarded-host'], 'alice.claws.test');
  assert.equal(headers.host, 'alice.claws.test');
});

test('a name that no claw has meets no claw', { skip }, async () => {
  const before = served.seen.length;
  const asked = request({
    host: '127.0.0.1',
    port: served.port,
    path: '/whole',
    rejectUnauthorized: false,
    headers: { host: 'nobody.claws.test' },
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  assert.equal(answer.statusCode, 404);
  assert.equal(served.seen.length, before);
});

async function unusedPort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { launch } from '../host/launch.mjs';

/** What can be said of the image without an engine; docker/testing/engine.ts says the rest. */
const folder = import.meta.dirname;
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Service {
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly pids_limit: number;
  readonly mem_limit: string;
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

test('the compose file gives both services a root that cannot be written, no capabilities, limits, and the build service no way out', () => {
  const compose: Compose = parse(read('docker-compose.yml'));
  for (const service of Object.values(compose.services)) {
    assert.deepEqual(
      [service.read_only, service.cap_drop, service.security_opt],
      [true, ['ALL'], ['no-new-privileges:true']],
    );
    assert.ok(service.pids_limit > 0 && /^\d+g$/.test(service.mem_limit));
  }
  const { claw, 'build-service': build } = compose.services;
  assert.match(claw?.ports?.join() ?? '', /^127\.0\.0\.1:[^,]*8180[^,]*:8080$/);
  assert.deepEqual(claw?.volumes?.map((volume) => volume.split(':')[1]).sort(), [
    '/app/data',
    '/app/public',
    '/app/soul',
  ]);
  assert.deepEqual(
    claw?.tmpfs.map((mount) => mount.split(':')[0]),
    ['/tmp', '/app/builds'],
  );
  assert.equal(claw?.environment.BUILD_SERVICE_URL, 'http://build-service:9090');
  assert.deepEqual(build?.networks, ['builds']);
  assert.equal(build?.ports, undefined);
  assert.equal(compose.networks.builds?.internal, true);
});

test('docker compose reads the file as it is', {
  skip: hasCompose() ? false : 'skipped: docker compose not found',
}, () => {
  const env = { ...process.env, BUILD_TOKEN: 'for-this-test' };
  const { status, stderr } = spawnSync(
    'docker',
    ['compose', '-f', join(folder, 'docker-compose.yml'), 'config', '-q'],
    { env },
  );
  assert.equal(status, 0, String(stderr));
});

test('the wrapper in the image starts Node with the flags of every other claw', () => {
  const flags = launch('/opt/clay/bundle', []).args.filter((word) => word.startsWith('--'));
  const wrapper = read('clay');
  for (const flag of flags) assert.ok(wrapper.includes(flag), flag);
  assert.ok(wrapper.includes(launch('/opt/clay/bundle', []).env.NODE_COMPILE_CACHE));
});

test('the health check passes on 200 and on nothing else', async () => {
  const statuses: Record<string, number> = { '/readyz': 200, '/draining': 503, '/moved': 302 };
  const server = createServer(({ url }, response) => response.writeHead(statuses[url ?? ''] ?? 404).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const health = async (...args: string[]) => {
    const { spawn } = await import('node:child_process');
    const [code] = await once(spawn(join(folder, 'health'), args, { stdio: 'ignore' }), 'exit');
    return code;
  };
  assert.equal(await health(String(port)), 0);
  assert.equal(await health(String(port), '/draining'), 1);
  assert.equal(await health(String(port), '/moved'), 1);
  server.close();
  await once(server, 'close');
  assert.equal(await health(String(port)), 1);
});

test('the scripts of the image have nothing that shellcheck minds', {
  skip: has('shellcheck') ? false : 'skipped: shellcheck not found',
}, () => {
  const { status, stdout } = spawnSync('shellcheck', [join(folder, 'clay'), join(folder, 'health')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

test('what a build is given holds no key, no volume and nothing that npm makes anew', () => {
  const ignored = readFileSync(join(folder, '..', '.dockerignore'), 'utf8')
    .split('\n')
    .filter(Boolean);
  assert.equal(ignored[0], '*');
  for (const pattern of ['**/node_modules', '**/.env', '**/*.pem', '**/*.key', '**/.clay'])
    assert.ok(ignored.indexOf(pattern) > ignored.findLastIndex((one) => one.startsWith('!')), pattern);
});

test('every target of the original is in the Makefile', () => {
  for (const target of ['build', 'dev', 'logs', 'shell', 'clean'])
    assert.match(read('Makefile'), new RegExp(`^${target}:`, 'm'));
});

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

function hasCompose(): boolean {
  return spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
}

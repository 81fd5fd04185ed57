import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** An engine of our own, which knows no network but loopback. */
export interface DockerEngine extends AsyncDisposable {
  /** Runs the client, without a shell; gives what it printed. Throws, with what it said, when it fails. */
  docker(...args: readonly string[]): Promise<string>;
  /** The same, whatever the exit code. */
  tryDocker(...args: readonly string[]): Promise<Finished>;
  /** Starts the client, and leaves the rest to the caller. */
  spawn(...args: readonly string[]): ChildProcess;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const startMs = 30_000;
const programs = ['docker.io', 'containerd', 'runc', 'tini', 'iptables', 'libdevmapper1.02.1'];

/** Folder with dockerd, runc and what they need: those of Debian's packages, which are unpacked and not installed. */
export function findEngine(cache: string): string {
  const folder = join(cache, 'dk');
  if (existsSync(join(folder, 'usr', 'sbin', 'dockerd'))) return folder;
  const debs = join(cache, 'deb');
  mkdirSync(debs, { recursive: true });
  execFileSync('apt-get', ['download', ...programs], { cwd: debs, stdio: 'ignore' });
  for (const name of readdirSync(debs)) execFileSync('dpkg-deb', ['-x', join(debs, name), folder]);
  return folder;
}

/** Starts it with everything of its own below `folder`. Needs root, and loopback that is up. */
export async function startEngine(programFolder: string, folder: string): Promise<DockerEngine> {
  mkdirSync(folder, { recursive: true });
  const socket = `unix://${join(folder, 'docker.sock')}`;
  const path = [join(programFolder, 'usr', 'sbin'), join(programFolder, 'usr', 'bin'), process.env.PATH].join(':');
  const env = { ...process.env, PATH: path, DOCKER_HOST: socket, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' };
  const client = join(programFolder, 'usr', 'bin', 'docker');
  const log = openSync(join(folder, 'dockerd.log'), 'w');
  const places = [
    '--data-root',
    join(folder, 'data'),
    '--exec-root',
    join(folder, 'exec'),
    '--pidfile',
    join(folder, 'pid'),
  ];
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const daemon = spawn('dockerd', ['-H', socket, ...places, ...network], { env, stdio: ['ignore', log, log] });
  const ended = once(daemon, 'exit');
  const start = (...args: readonly string[]) => spawn(client, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const tryDocker = (...args: readonly string[]) => finish(start(...args));
  const docker = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await tryDocker(...args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}: ${stderr.slice(-4_000)}`);
    return stdout.trim();
  };
  const begin = performance.now();
  while ((await tryDocker('version')).code !== 0) {
    if (daemon.exitCode !== null || performance.now() - begin > startMs)
      throw new Error(`dockerd does not start here; see ${join(folder, 'dockerd.log')}`);
    await wait(100);
  }
  return {
    docker,
    tryDocker,
    spawn: start,
    async [Symbol.asyncDispose]() {
      const running = await docker('ps', '-aq');
      if (running !== '') await docker('rm', '-f', '-v', ...running.split('\n'));
      daemon.kill('SIGTERM');
      await ended;
      // It leaves the name of its network behind as a mount.
      spawnSync('umount', [join(folder, 'exec', 'netns', 'default')]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function finish(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

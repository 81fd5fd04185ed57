import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { launch } from '../launch.mjs';

/** Stopped by hand, or at the end of the block that uses it. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  /** Of a claw: where people's messages come in. */
  readonly publicUrl: string;
  /** From spawn to the first 200. */
  readonly readyMs: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The bundled claw in a fresh volume, or in `root`. */
export async function startClaw(environment: Record<string, string> = {}, root?: string): Promise<Server> {
  const bundle = process.env.CLAY_BUNDLE;
  if (!bundle) throw new Error('CLAY_BUNDLE names no bundle; run it with npm test or npm run bench');
  const folder = root ?? mkdtempSync(join(tmpdir(), 'clay-bench-'));
  const [port, adkPort] = [await freePort(), await freePort()];
  const how = launch(bundle, ['start']);
  const server = await startServer(
    process.execPath,
    how.args,
    {
      PATH: process.env.PATH ?? '',
      CLAY_ROOT: folder,
      CLAY_PORT: String(port),
      ADK_PORT: String(adkPort),
      CLAY_LOG_LEVEL: 'error',
      ...how.env,
      ...environment,
    },
    `http://127.0.0.1:${adkPort}`,
    '/readyz',
  );
  const end = async () => {
    await server.stop();
    if (root === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { ...server, publicUrl: `http://127.0.0.1:${port}`, stop: end, [Symbol.asyncDispose]: end };
}

export async function startServer(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  url: string,
  readyPath: string,
  cwd?: string,
): Promise<Server> {
  const begin = performance.now();
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  while (!(await answers(url + readyPath))) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${stderr}`);
    if (performance.now() - begin > 60_000) throw new Error(`${command} was not ready after a minute: ${stderr}`);
    await wait(4);
  }
  return {
    url,
    publicUrl: url,
    readyMs: performance.now() - begin,
    pid: child.pid!,
    stop: () => stop(child),
    [Symbol.asyncDispose]: () => stop(child),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Asks it to stop; after a minute it is killed, and that is an error. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
  child.kill('SIGTERM');
  try {
    await ended;
  } catch (cause) {
    child.kill('SIGKILL');
    throw new Error(`process ${child.pid} did not stop within a minute of SIGTERM`, { cause });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Proportional and resident memory of a process, in MB. */
export function memoryOf(pid: number): { readonly rss: number; readonly pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string) =>
    Number(rollup.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))?.[1] ?? Number.NaN) / 1024;
  return { rss: field('Rss'), pss: field('Pss') };
}

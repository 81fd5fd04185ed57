import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { launch } from '../../launch.mjs';
import { freePort } from '../../testing/claw.ts';

/** What a container of the image runs, as a process of this machine: with a folder of temporary files of its own. */
export interface ContainedClaw extends AsyncDisposable {
  readonly url: string;
  /** Where the claw itself answers its own machine. */
  readonly adkUrl: string;
  readonly pid: number;
  /** What it printed on standard output so far. */
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
  /** Resolves with the first answer of that status. */
  until(path: string, status: number): Promise<Response>;
  untilPrinted(text: string): Promise<void>;
  clay(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string }>;
  kill(signal: NodeJS.Signals): void;
}

export interface ContainedOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly bundle?: string;
  readonly uid?: number;
}

const deadlineMs = 60_000;

export async function startContained(root: string, options: ContainedOptions = {}): Promise<ContainedClaw> {
  const { bundle = process.env.CLAY_BUNDLE ?? '', uid } = options;
  const temporary = mkdtempSync(join(tmpdir(), 'clay-contained-'));
  const [port, adkPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH ?? '',
    CLAY_ROOT: root,
    CLAY_PORT: String(port),
    ADK_PORT: String(adkPort),
    CLAY_LOG_LEVEL: 'error',
    TMPDIR: temporary,
    ...options.env,
  };
  const run = (args: readonly string[]): ChildProcess => {
    const how = launch(bundle, args);
    return spawn(process.execPath, how.args, {
      env: { ...env, ...how.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
  };
  const child = run(['container']);
  const url = `http://127.0.0.1:${port}`;
  let [output, errors] = ['', ''];
  child.stdout?.on('data', (bytes) => {
    output += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    errors += bytes;
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const giveUp = () => new Error(`nothing came of it.\nstdout: ${output}\nstderr: ${errors}`);
  return {
    url,
    adkUrl: `http://127.0.0.1:${adkPort}`,
    pid: child.pid!,
    output: () => output,
    errors: () => errors,
    ended,
    async until(path, status) {
      const begin = performance.now();
      for (;;) {
        const response = await fetch(url + path).catch(() => null);
        if (response?.status === status) return response;
        await response?.arrayBuffer();
        if (child.exitCode !== null || performance.now() - begin > deadlineMs) throw giveUp();
        await wait(10);
      }
    },
    async untilPrinted(text) {
      const begin = performance.now();
      while (!output.includes(text)) {
        if (child.exitCode !== null || performance.now() - begin > deadlineMs) throw giveUp();
        await wait(5);
      }
    },
    async clay(...args) {
      const other = run(args);
      let stdout = '';
      other.stdout?.on('data', (bytes) => {
        stdout += bytes;
      });
      const [code] = await once(other, 'close');
      return { code, stdout };
    },
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

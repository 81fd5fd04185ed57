import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Limits } from '../../src/index.ts';

export interface HostileRequest {
  readonly source: string;
  readonly limits?: Partial<Limits>;
  /** A function of the program to call after its module has run. */
  readonly load?: string;
}

export interface HostileAnswer {
  readonly output: string;
  /** `CODE: message` */
  readonly error: string | null;
  readonly ms: number;
  /** The greatest resident size of the process so far. */
  readonly peakMb: number;
}

/** A child process for hostile programs, made anew when one of them kills or hangs it. */
export class Jail {
  #child: ChildProcess | null = null;

  async run(request: HostileRequest, timeoutMs: number): Promise<HostileAnswer> {
    this.#child ??= fork(join(import.meta.dirname, 'child.ts'), {
      execArgv: ['--disallow-code-generation-from-strings'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const child = this.#child;
    let complaint = '';
    const listen = (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-2000);
    };
    child.stderr?.on('data', listen);
    const settled = new AbortController();
    const { signal } = settled;
    const ended = (async () => {
      const [code, killedBy] = await once(child, 'exit', { signal });
      this.#child = null;
      throw new Error(`the process died (${killedBy ?? `exit ${code}`}): ${complaint}`);
    })();
    const overdue = (async () => {
      const timeout = AbortSignal.any([AbortSignal.timeout(timeoutMs), signal]);
      await once(timeout, 'abort');
      if (!signal.aborted) {
        this.#child = null;
        child.kill('SIGKILL');
      }
      throw new Error(`no end after ${timeoutMs} ms`);
    })();
    ended.catch(() => {});
    overdue.catch(() => {});
    child.send(request);
    try {
      const answer = (async () => (await once(child, 'message', { signal }))[0] as HostileAnswer)();
      return await Promise.race([answer, ended, overdue]);
    } finally {
      settled.abort();
      child.stderr?.off('data', listen);
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  }
}

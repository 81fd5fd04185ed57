import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError, type Clock } from '@clay/sdk';
import { cancelled, tooLarge, tooSlow } from '../build-error.ts';
import { findPackage } from '../bundle/sources.ts';
import type { BuildLimits } from '../limits.ts';

export interface CompilerRun {
  readonly plugin: string;
  readonly folder: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** More than this is a flood, not a report. */
const outputBytes = 16_000_000;
const memoryPollMs = 100;

/** Runs the TypeScript compiler, a native program, as a child within limits of time, memory and output. */
export class Compiler {
  /** The folder of the compiler's own library files. */
  readonly library: string;
  readonly #program: string;
  readonly #limits: BuildLimits;
  readonly #clock: Clock;
  readonly #children = new Set<ChildProcess>();

  constructor(from: string, limits: BuildLimits, clock: Clock) {
    const wrapper = findPackage('typescript', from);
    const native = findPackage(`@typescript/typescript-${process.platform}-${process.arch}`, wrapper);
    this.library = join(native, 'lib');
    this.#program = join(this.library, process.platform === 'win32' ? 'tsc.exe' : 'tsc');
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Resolves to what it printed, whatever it thought of the sources. */
  async run({ plugin, folder, args, signal }: CompilerRun): Promise<string> {
    const { checkMs, checkMemoryMb } = this.#limits;
    if (signal?.aborted) throw cancelled(plugin, 'check');
    const child = spawn(this.#program, args, {
      cwd: folder,
      env: { GOMEMLIMIT: `${Math.floor(checkMemoryMb * 0.8)}MiB` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    let failure: ClayError | null = null;
    const kill = (error: ClayError) => {
      failure ??= error;
      child.kill('SIGKILL');
    };
    const onAbort = () => kill(cancelled(plugin, 'check'));
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelDeadline = this.#clock.after(checkMs, () =>
      kill(
        tooSlow(
          'check',
          'checkMs',
          `Checking the types of plugin "${plugin}" took longer than ${checkMs} ms (limit checkMs).`,
        ),
      ),
    );
    const stopWatch = this.#watchMemory(child, () =>
      kill(
        tooLarge(
          'checkMemoryMb',
          `Checking the types of plugin "${plugin}" took more than ${checkMemoryMb} MB (limit checkMemoryMb).`,
        ),
      ),
    );
    try {
      const output = await collect(child, () =>
        kill(tooLarge('output', `The compiler printed more than ${outputBytes} bytes about plugin "${plugin}".`)),
      );
      if (failure !== null) throw failure;
      return output;
    } finally {
      this.#children.delete(child);
      cancelDeadline();
      stopWatch();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  /** The runtime's own limit is soft: types without end would grow beyond it. */
  #watchMemory(child: ChildProcess, onTooMuch: () => void): () => void {
    let cancel = () => {};
    const look = () => {
      const bytes = residentBytes(child.pid);
      if (bytes === null) return;
      if (bytes > this.#limits.checkMemoryMb * 1_048_576) onTooMuch();
      else cancel = this.#clock.after(memoryPollMs, look);
    };
    look();
    return () => cancel();
  }
}

function collect(child: ChildProcess, onFlood: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        if (bytes > outputBytes) onFlood();
        else parts.push(part);
      });
    child.on('error', (cause) =>
      reject(
        new ClayError('UNAVAILABLE', `The TypeScript compiler could not be started: ${cause.message}`, {
          cause,
          phase: 'check',
        }),
      ),
    );
    child.on('close', (code, signal) => {
      const output = Buffer.concat(parts).toString();
      // 0: nothing wrong, 1 and 2: errors in the sources.
      if (signal !== null || (code !== null && code <= 2)) resolve(output);
      else
        reject(
          new ClayError('UNAVAILABLE', `The TypeScript compiler ended with exit code ${code}.`, {
            output,
            phase: 'check',
          }),
        );
    });
  });
}

/** Null where the system has no `/proc`, or no such process any more. */
function residentBytes(pid: number | undefined): number | null {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
    return Number(pages) * 4096;
  } catch {
    return null;
  }
}

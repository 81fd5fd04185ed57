import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { ClayError, type Clock } from '@clay/sdk';
import { LineSplitter } from './line-splitter.ts';
import { endMarked, sendSignal } from './marked-processes.ts';

/** The end of what the program said on standard error. */
const errorChars = 4000;
/** For output that is still on its way when the program has ended; who holds it then has left the group. */
const drainMs = 500;

export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `NAME=value` in the environment of every process of this run. */
  readonly mark: string;
  readonly input: string;
  readonly graceMs: number;
  readonly clock: Clock;
}

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program in a process group of its own, and all that it starts: everything ends with it. */
export class ProgramRun {
  readonly #options: ProgramOptions;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<ProgramEnd>;
  readonly #timers: (() => void)[] = [];
  #error = '';
  #isEnding = false;
  #finished: Promise<ProgramEnd> | null = null;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const [file, args] = withoutFlagsOfOurs(options.program, options.args);
    this.#child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#ended = this.#waitForEnd();
    // Awaited by `end`; a program that cannot be started is told there.
    this.#ended.catch(() => undefined);
    this.#child.stderr.setEncoding('utf8');
    this.#child.stderr.on('data', (text: string) => {
      this.#error = (this.#error + text).slice(-errorChars);
    });
    // A program that ends before it has read its task says why by its exit.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdin.end(options.input);
  }

  get errorOutput(): string {
    return this.#error.trim();
  }

  /** Ends when the output does. */
  async *lines(): AsyncGenerator<string, void, void> {
    const splitter = new LineSplitter();
    try {
      for await (const chunk of this.#child.stdout as AsyncIterable<Buffer>) yield* splitter.split(chunk);
    } catch (error) {
      // Closed by us, when the program has ended and somebody else holds the pipe.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
    yield* splitter.end();
  }

  /** Asks it to end; then it is ended. */
  terminate(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#signalGroup('SIGTERM');
    this.#after(this.#options.graceMs, () => {
      this.#signalGroup('SIGKILL');
      this.#after(drainMs, () => this.#closePipes());
    });
  }

  /**
   * Waits for its end and ends what it left behind. Safe to call twice.
   *
   * @throws ClayError `UNAVAILABLE` when it could not be started
   */
  end(): Promise<ProgramEnd> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  async #finish(): Promise<ProgramEnd> {
    try {
      const end = await this.#ended;
      this.#signalGroup('SIGKILL');
      return end;
    } finally {
      this.#isEnding = true;
      for (const cancel of this.#timers) cancel();
      // Its commands run in groups of their own, and may have left servers behind: their environment tells whose they are.
      await endMarked(this.#options.mark);
    }
  }

  async #waitForEnd(): Promise<ProgramEnd> {
    try {
      const [exitCode, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
      this.#after(drainMs, () => this.#closePipes());
      return { exitCode, signal };
    } catch (error) {
      const { program, cwd } = this.#options;
      throw new ClayError('UNAVAILABLE', `${program} could not be started in ${cwd}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(this.#options.clock.after(ms, action));
  }

  #closePipes(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid !== undefined) sendSignal(-this.#child.pid, signal);
  }
}

/** Node hands its own permissions down by the environment: they are the plugin's, and not for what it runs. */
function withoutFlagsOfOurs(program: string, args: readonly string[]): [string, readonly string[]] {
  const isRestricted = process.permission !== undefined;
  return isRestricted ? ['env', ['-u', 'NODE_OPTIONS', program, ...args]] : [program, args];
}

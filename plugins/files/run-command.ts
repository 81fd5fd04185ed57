import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { ClayError, type Clock } from '@clay/sdk';
import { OutputBuffer } from './output-buffer.ts';

/** After a polite signal, until the hard one. */
const killGraceMs = 2000;
/** After the shell's end, for output that is still on its way. */
const drainMs = 250;

/** What a command needs of the host's environment; everything else may be a secret. */
const passedVariables = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TERM', 'TMPDIR'];

/** Node hands its permission flags on to what it starts, where they would bind every other Node. */
const withoutOurFlags = process.permission === undefined ? '' : 'unset NODE_OPTIONS; ';

export interface CommandOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly outputChars: number;
  /** Names of further variables to pass. */
  readonly environment: readonly string[];
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export interface CommandResult {
  /** Standard output and standard error, in their order. */
  readonly output: string;
  readonly exitCode: number;
  /** The signal that ended the shell. */
  readonly signal?: string;
}

/**
 * Runs a command in a shell with a process group of its own, which ends with it: what the command leaves in the background is
 * killed, and so is everything when the time is up or the caller cancels.
 *
 * @throws ClayError `TIMEOUT` or `CANCELLED`, with the output so far
 */
export async function runCommand(command: string, options: CommandOptions): Promise<CommandResult> {
  if (options.signal.aborted) throw new ClayError('CANCELLED', 'The command was cancelled before it began.');
  const output = new OutputBuffer(options.outputChars);
  const child = spawn('bash', ['-c', `${withoutOurFlags}exec 2>&1; ${command}`], {
    cwd: options.cwd,
    env: environmentOf(options.environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = new ProcessGroup(child, options.clock);
  const streams = [child.stdout, child.stderr].map((stream) => {
    const sink = output.sink();
    stream.on('data', (chunk: Buffer) => sink.write(chunk));
    return new Promise<void>((resolve) => {
      // A pipe that cannot be read ends like one that is closed.
      stream.on('error', () => stream.destroy());
      stream.once('close', () => resolve(sink.end()));
    });
  });
  let reason: 'TIMEOUT' | 'CANCELLED' | null = null;
  const stop = (why: 'TIMEOUT' | 'CANCELLED') => {
    reason ??= why;
    group.terminate();
  };
  const onAbort = () => stop('CANCELLED');
  options.signal.addEventListener('abort', onAbort, { once: true });
  const cancelTimeout = options.clock.after(options.timeoutMs, () => stop('TIMEOUT'));
  try {
    const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    await group.drain(Promise.all(streams), reason !== null);
    if (reason !== null) throw interrupted(reason, options.timeoutMs, output.toString());
    return {
      output: output.toString(),
      exitCode: exitCode ?? 128 + signalNumber(signal),
      ...(signal === null ? {} : { signal }),
    };
  } catch (error) {
    throw explain(error, options.cwd);
  } finally {
    cancelTimeout();
    options.signal.removeEventListener('abort', onAbort);
    group.release();
  }
}

/** The processes of one command. */
class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #cancels: (() => void)[] = [];

  constructor(child: ChildProcess, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
  }

  terminate(): void {
    this.#kill('SIGTERM');
    this.#cancels.push(this.#clock.after(killGraceMs, () => this.#kill('SIGKILL')));
  }

  /** Waits a moment for the rest of the output; who still holds it then is in the background and is killed. */
  async drain(streams: Promise<unknown>, isInterrupted: boolean): Promise<void> {
    if (isInterrupted) this.#kill('SIGKILL');
    else this.#cancels.push(this.#clock.after(drainMs, () => this.#kill('SIGKILL')));
    // A process that left the group keeps the pipes open; it is not ours any more.
    this.#cancels.push(this.#clock.after(2 * drainMs, () => this.#closePipes()));
    await streams;
    this.#kill('SIGKILL');
  }

  release(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #closePipes(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // No process of the group is left.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function environmentOf(names: readonly string[]): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => passedVariables.includes(name) || name.startsWith('LC_') || names.includes(name),
  );
  return Object.fromEntries(entries);
}

function interrupted(reason: 'TIMEOUT' | 'CANCELLED', timeoutMs: number, output: string): ClayError {
  const what =
    reason === 'TIMEOUT'
      ? `The command took longer than ${timeoutMs} ms and was ended with all its processes. Give it a longer timeout_ms, or part it.`
      : 'The command was cancelled and ended with all its processes.';
  return new ClayError(reason, what, { output });
}

function explain(error: unknown, cwd: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' || syscall?.startsWith('spawn') !== true) return error;
  return new ClayError('UNAVAILABLE', `bash could not be started in ${cwd}: install bash, or make the folder.`, {
    cause: error,
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

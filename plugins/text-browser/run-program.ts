import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ClayError, type Clock } from '@clay/sdk';
import type { Program } from './programs.ts';

export interface RunOptions {
  readonly input: string;
  /** Folders in which programs are looked for, with colons between. */
  readonly path: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'after'>;
}

const keptOfErrors = 2000;

/**
 * Hands a program its input, and gives what it writes; null when there is no such program. It sees no home, no proxy and no
 * variable of the host, and its whole process group ends with it.
 *
 * @throws ClayError `TIMEOUT`, `CANCELLED`, `TOO_LARGE` or `UNAVAILABLE`, with what it had written
 */
export async function runProgram(program: Program, options: RunOptions): Promise<string | null> {
  const { signal, clock, timeoutMs, maxBytes } = options;
  if (signal.aborted) throw new ClayError('CANCELLED', 'The page was not rendered: the caller gave up.');
  const child = spawn(program.command, program.arguments, {
    env: { PATH: options.path, HOME: '/nonexistent', TERM: 'dumb', LANG: 'C.UTF-8', COLUMNS: '100' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const stopped: ClayError[] = [];
  const chunks: Buffer[] = [];
  let size = 0;
  let errors = '';
  const stop = (why: ClayError) => {
    stopped.push(why);
    killGroup(child.pid);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size <= maxBytes) chunks.push(chunk);
    else stop(new ClayError('TOO_LARGE', `${program.command} wrote more than ${maxBytes} bytes.`));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-keptOfErrors);
  });
  // A program that ends early reads no more: what it says by its end is what counts.
  child.stdin.on('error', () => child.stdin.destroy());
  const cancelTimeout = clock.after(timeoutMs, () =>
    stop(new ClayError('TIMEOUT', `${program.command} took longer than ${timeoutMs} ms.`)),
  );
  const onAbort = () => stop(new ClayError('CANCELLED', 'The page was not rendered: the caller gave up.'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    child.stdin.end(options.input);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    const output = Buffer.concat(chunks).toString();
    const [why] = stopped;
    if (why !== undefined) throw new ClayError(why.code, why.message, { output });
    if (exitCode === 0) return output;
    throw new ClayError('UNAVAILABLE', `${program.command} failed: ${errors.trim() || `exit code ${exitCode}`}`, {
      output,
      ...(exitCode === null ? {} : { exitCode }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  } finally {
    cancelTimeout();
    signal.removeEventListener('abort', onAbort);
    killGroup(child.pid);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody of the group is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

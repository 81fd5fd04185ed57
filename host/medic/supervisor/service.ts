import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '@clay/sdk';
import { killFamily } from '../../process/child-registry.ts';
import { OutputTail } from '../../process/output-tail.ts';
import { isRunning, readProcess } from '../../process/process-table.ts';
import type { ServiceNews, ServiceOrder, ServiceState } from './messages.ts';
import { backoffMs, countRecent, type RestartRules } from './restart.ts';
import { duration } from './words.ts';

export interface ServiceOptions {
  readonly order: ServiceOrder;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly rules: RestartRules;
  readonly random: () => number;
  /** From the request to stop to the kill. */
  readonly stopMs: number;
  readonly onNews: (news: ServiceNews) => void;
}

export const serviceRules: RestartRules = {
  maxRestarts: 10,
  windowMs: 600_000,
  readyMs: 10_000,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
};

/** What every service finds in its environment; all else is its manifest's, so that no key of the claw gets there. */
const inherited = ['PATH', 'HOME', 'LANG', 'TZ'];
/** Marks the processes of a service, and what they start, for a medic that comes after a dead one. */
export const serviceVariable = 'CLAY_SERVICE_OF';

const lastWordsBytes = 4 * 1024;

/** A program beside the host: started again when it ends, later each time, until it is told to stop. */
export class Service {
  readonly #options: ServiceOptions;
  readonly #stopping = new AbortController();
  readonly #restarts: number[] = [];
  #process: ChildProcess | null = null;
  /** Resolves when it runs no more, and will not. */
  readonly ended: Promise<void>;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.ended = this.#run();
  }

  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    const child = this.#process;
    if (child?.pid === undefined) return;
    child.kill('SIGTERM');
    const { pid } = child;
    const ticks = readProcess(pid)?.startedAt;
    this.#options.clock.after(this.#options.stopMs, () => {
      if (child === this.#process && (ticks === undefined || isRunning({ pid, startedAt: ticks }))) killFamily(pid);
    });
  }

  async #run(): Promise<void> {
    const { clock, rules, random } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      const startedAt = clock.now();
      const { how, isFailed, lastWords } = await this.#runOnce();
      if (signal.aborted) return this.#tell('stopped', { reason: how, lastWords });
      const now = clock.now();
      const recent = countRecent(this.#restarts, now, rules);
      if (isFailed || recent >= rules.maxRestarts) {
        const often = isFailed ? '' : `, ${recent + 1} times in ${duration(rules.windowMs)}`;
        return this.#tell('failed', { reason: `${how}${often}; it is not started again`, lastWords });
      }
      const retryMs = backoffMs(recent, now - startedAt, rules, random());
      this.#tell('waiting', { reason: how, lastWords, retryMs });
      await clock.sleep(retryMs, signal).catch(() => {});
      if (signal.aborted) return this.#tell('stopped', { reason: '' });
      this.#restarts.push(clock.now());
    }
  }

  /** From the start to the end of one process. `isFailed`: it could not be started at all. */
  async #runOnce(): Promise<{ readonly how: string; readonly isFailed: boolean; readonly lastWords: string }> {
    const { order, env } = this.#options;
    const [program = '', ...args] = order.command;
    const kept = Object.fromEntries(inherited.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
    const child = spawn(whereabouts(program, env), args, {
      cwd: order.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...kept, ...order.environment, [serviceVariable]: env[serviceVariable] },
    });
    if (child.pid === undefined) {
      const error = await new Promise<Error>((resolve) => child.once('error', resolve));
      return { how: `${program} could not be started: ${error.message}`, isFailed: true, lastWords: '' };
    }
    this.#process = child;
    const output = new OutputTail(lastWordsBytes);
    for (const stream of [child.stdout, child.stderr] as Readable[]) {
      stream.on('data', (bytes: Uint8Array) => output.push(bytes));
      stream.on('error', () => stream.destroy());
    }
    this.#tell('running', { pid: child.pid });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.once('exit', (...how) => resolve(how));
    });
    this.#process = null;
    killFamily(child.pid);
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
    const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
    return { how, isFailed: false, lastWords: output.toString() };
  }

  #tell(state: ServiceState, news: Partial<ServiceNews>): void {
    const { order, onNews } = this.#options;
    onNews({ pid: null, reason: '', lastWords: '', retryMs: null, ...news, id: order.id, state });
  }
}

/** The operator may say where a program is: `MATTERBRIDGE_BIN` for `matterbridge`. Else it is looked for on the PATH. */
function whereabouts(program: string, env: ServiceOptions['env']): string {
  return env[`${program.replaceAll(/[^a-z0-9]/gi, '_').toUpperCase()}_BIN`] || program;
}

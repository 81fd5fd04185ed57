import type { Clock } from '@clay/sdk';
import { appendExit, type ExitRecord } from './exit-log.ts';
import { type HostDeath, type HostLimits, HostProcess } from './host-process.ts';
import { type Decision, decide, type RestartRules } from './restart.ts';
import { Services } from './services.ts';
import { describeEnd } from './words.ts';

export interface SupervisorOptions {
  /** The host: program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: HostLimits;
  readonly rules: RestartRules;
  /** The host's standard error, as it comes. */
  readonly onOutput: (bytes: Uint8Array) => void;
  /** A line for the operator. */
  readonly say: (line: string) => void;
}

/** A terminal's Ctrl-C reaches every process in its foreground, and npm passes it on as well: that is one request. */
const sameRequestMs = 300;

/** Keeps a host alive: starts it, watches it, starts it again, and ends when it is told to or when there is no use. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #restarts: number[] = [];
  #host: HostProcess | null = null;
  #services: { readonly folder: string; readonly all: Services } | null = null;
  #lastRequestAt = Number.NEGATIVE_INFINITY;
  #isLogBroken = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Somebody wants the claw to stop; once more, and they want it now. */
  request(signal: NodeJS.Signals): void {
    const now = this.#options.clock.now();
    if (Math.abs(now - this.#lastRequestAt) < sameRequestMs) return;
    this.#lastRequestAt = now;
    this.#stopping.abort();
    this.#host?.stop(signal);
  }

  /** Gives the exit code when it is over. Rejects when the host's program cannot be started at all. */
  async run(): Promise<number> {
    try {
      return await this.#keepAlive();
    } finally {
      await this.#services?.all.stopAll();
    }
  }

  async #keepAlive(): Promise<number> {
    const { clock, rules, random, say } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      const { death, dataFolder } = await this.#runHost();
      const next = decide(death, this.#restarts, clock.now(), rules, random());
      const message = describeEnd(death, next);
      if (dataFolder !== null) this.#write(dataFolder, endRecord(death, message));
      if (!isExpected(death, next)) say(message);
      if (next.do === 'end') return next.code;
      await clock.sleep(next.afterMs, signal).catch(() => {});
      if (signal.aborted) return 0;
      this.#restarts.push(clock.now());
    }
  }

  /** One life of the host. */
  async #runHost(): Promise<{ readonly death: HostDeath; readonly dataFolder: string | null }> {
    const { command, env, clock, limits, onOutput } = this.#options;
    let dataFolder: string | null = null;
    let services: Services | null = null;
    const host = await HostProcess.start({
      command,
      env,
      clock,
      limits,
      onOutput,
      onRunning: (folder) => {
        dataFolder = folder;
        services = this.#servicesOf(folder);
        services.serve((news) => host.send({ type: 'service', ...news }));
        this.#write(folder, { event: 'start', ...host.birth, startedAt: host.startedAt });
      },
      onOrder: (order) => {
        if (order.type === 'start-service') services?.start(order);
        else services?.stop(order.id);
      },
    });
    this.#host = host;
    const death = await host.ended;
    this.#host = null;
    (services as Services | null)?.leave();
    return { death, dataFolder };
  }

  #servicesOf(dataFolder: string): Services {
    const { env, clock, random } = this.#options;
    if (this.#services?.folder !== dataFolder) {
      void this.#services?.all.stopAll();
      this.#services = { folder: dataFolder, all: new Services({ dataFolder, env, clock, random }) };
    }
    return this.#services.all;
  }

  /** A log that cannot be written is no reason to let the host go; the operator hears of it once. */
  #write(dataFolder: string, record: ExitRecord): void {
    try {
      appendExit(dataFolder, record);
    } catch (error) {
      if (!this.#isLogBroken) this.#options.say(`The exit log cannot be written: ${(error as Error).message}`);
      this.#isLogBroken = true;
    }
  }
}

function endRecord(death: HostDeath, message: string): ExitRecord {
  const { pid, ticks, machineRun, startedAt, endedAt, readyMs, code, signal, reason, stack, lastWords } = death;
  return {
    event: 'end',
    pid,
    ticks,
    machineRun,
    startedAt,
    endedAt,
    upMs: endedAt - startedAt,
    readyMs,
    code,
    signal,
    requested: death.isRequested,
    reason,
    message,
    stack,
    lastWords,
  };
}

/** Nothing that the host has not told itself. */
function isExpected(death: HostDeath, next: Decision): boolean {
  return next.do === 'end' && next.why !== 'too-often' && death.reason === 'exited';
}

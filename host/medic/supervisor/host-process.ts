import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import type { Clock } from '@clay/sdk';
import { killFamily } from '../../process/child-registry.ts';
import { Heartbeat } from '../../process/heartbeat.ts';
import { OutputTail } from '../../process/output-tail.ts';
import { isRunning, killProcess, listProcesses, machineRun, readProcess } from '../../process/process-table.ts';
import type { Birth, ExitReason } from './exit-log.ts';
import { inspectorAddress, stackOf } from './inspector.ts';
import { LinePort } from './line-port.ts';
import { parseToMedic, type ToHost, type ToMedic } from './messages.ts';
import { pulseAddress, pulseVariable } from './pulse-variable.ts';

/** What the medic bears from a host. */
export interface HostLimits {
  readonly pingEveryMs: number;
  /** Pings in a row without an answer. */
  readonly maxMissedPings: number;
  /** From the spawn until it holds its volume. */
  readonly bootMs: number;
  /** From the request to stop to the kill, for a host that did not tell its own. */
  readonly stopMs: number;
  /** From the second request. */
  readonly secondStopMs: number;
}

/** A busy machine and a large checkpoint of the database are no reason to kill; ten seconds of silence are. */
export const hostLimits: HostLimits = {
  pingEveryMs: 2_000,
  maxMissedPings: 5,
  bootMs: 120_000,
  stopMs: 60_000,
  secondStopMs: 2_000,
};

export interface HostProcessOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly limits: HostLimits;
  /** What it writes to its standard error, as it comes. */
  readonly onOutput: (bytes: Uint8Array) => void;
  /** It holds the volume of this data folder. */
  readonly onRunning: (dataFolder: string) => void;
  /** What it asks for beyond its own life. */
  readonly onOrder: (order: Extract<ToMedic, { type: 'start-service' | 'stop-service' }>) => void;
}

/** All that is known of the end of a host. */
export interface HostDeath extends Birth {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly readyMs: number | null;
  readonly hasRun: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isRequested: boolean;
  readonly isRefused: boolean;
  readonly reason: ExitReason;
  /** What the medic saw that made it kill the host. */
  readonly cause: string | null;
  readonly stack: readonly string[];
  /** Lines on its pipe that were no messages. */
  readonly badLines: number;
  readonly lastWords: string;
}

/** The host writes to one and reads from the other. */
const pipes = { fromHost: 3, toHost: 4 };
const lastWordsBytes = 4 * 1024;
/** For what the host has still said to arrive after its exit: somebody else may hold the other end of its output for ever. */
const outputMs = 1_000;
/** For an exit to be told after the line has closed. */
const lingerMs = 500;
/** For a host to open its inspector, and again to tell where it is. */
const inspectorMs = 1_500;

/** One life of a host: watched over a pipe of its own, and ended with its process group. */
export class HostProcess {
  readonly ended: Promise<HostDeath>;
  readonly #options: HostProcessOptions;
  readonly #process: ChildProcess;
  readonly #startedAt: number;
  readonly #birth: Birth;
  readonly #line: LinePort<ToMedic, ToHost>;
  readonly #heartbeat: Heartbeat;
  readonly #output = new OutputTail(lastWordsBytes);
  #hasRun = false;
  #readyAt: number | null = null;
  #stopMs: number;
  #isRequested = false;
  #isRefused = false;
  #isEnded = false;
  #badLines = 0;
  #stack: readonly string[] = [];
  #onInspector: ((address: URL) => void) | null = null;
  #inspectorWords = '';
  #killed: { readonly reason: ExitReason; readonly cause: string } | null = null;

  private constructor(child: ChildProcess, pid: number, options: HostProcessOptions) {
    const { clock, limits } = options;
    this.#options = options;
    this.#process = child;
    this.#startedAt = clock.now();
    this.#birth = { pid, ticks: readProcess(pid)?.startedAt ?? null, machineRun: machineRun() };
    this.#stopMs = limits.stopMs;
    this.#heartbeat = new Heartbeat({
      clock,
      everyMs: limits.pingEveryMs,
      maxMissed: limits.maxMissedPings,
      send: (id) => this.#line.send({ type: 'ping', id }),
      onMissed: () => {
        const silence = (limits.maxMissedPings * limits.pingEveryMs) / 1_000;
        this.#killWhereItIs(`it answered no ping for ${silence} s`);
      },
    });
    this.#line = new LinePort({
      readable: child.stdio[pipes.fromHost] as Duplex,
      writable: child.stdio[pipes.toHost] as Duplex,
      clock,
      parse: parseToMedic,
      onMessage: (message) => this.#hear(message),
      onBad: () => {
        this.#badLines += 1;
      },
      onClosed: () => this.#lineClosed(),
    });
    const stderr = child.stderr as Readable;
    stderr.on('data', (bytes: Uint8Array) => this.#read(bytes));
    // A pipe that cannot be read ends like one that is closed.
    stderr.on('error', () => stderr.destroy());
    clock.after(limits.bootMs, () => {
      if (!this.#hasRun) this.#kill('killed-slow-start', `it did not hold its volume after ${limits.bootMs / 1_000} s`);
    });
    this.ended = this.#untilEnded();
  }

  /** Rejects when the program cannot be started at all. */
  static async start(options: HostProcessOptions): Promise<HostProcess> {
    const { command, env } = options;
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      // It leads a group of its own: what it leaves behind can be found, and the terminal's Ctrl-C comes by way of us only.
      detached: true,
      stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'pipe'],
      env: { ...env, [pulseVariable]: pulseAddress(pipes.toHost, pipes.fromHost, process.stderr.isTTY === true) },
    });
    if (child.pid === undefined) return new Promise((_, reject) => child.once('error', reject));
    return new HostProcess(child, child.pid, options);
  }

  get birth(): Birth {
    return this.#birth;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  send(message: ToHost): void {
    this.#line.send(message);
  }

  /** Passes a request to stop on; the first gives it the time that it told, the second only a moment. */
  stop(signal: NodeJS.Signals): void {
    if (this.#isEnded) return;
    const { clock, limits } = this.#options;
    const afterMs = this.#isRequested ? limits.secondStopMs : this.#stopMs;
    this.#isRequested = true;
    this.#process.kill(signal);
    clock.after(afterMs, () => this.#kill('killed-slow-stop', `it had not ended ${afterMs / 1_000} s after ${signal}`));
  }

  #hear(message: ToMedic): void {
    switch (message.type) {
      case 'running':
        if (this.#hasRun) return;
        this.#hasRun = true;
        this.#stopMs = message.stopMs;
        this.#options.onRunning(message.folder);
        this.#heartbeat.start();
        return;
      case 'pong':
        this.#heartbeat.answer(message.id);
        return;
      case 'ready':
        this.#readyAt ??= this.#options.clock.now();
        return;
      case 'stopping':
        this.#isRequested = true;
        return;
      case 'refused':
        this.#isRefused = true;
        return;
      case 'start-service':
      case 'stop-service':
        // Without the volume it may be a second host, whose plugins are not the ones that run.
        if (this.#hasRun) this.#options.onOrder(message);
        return;
    }
  }

  #read(bytes: Uint8Array): void {
    if (this.#onInspector !== null) {
      // Of its inspector only the medic has to know: the host itself writes nothing while it spins.
      this.#inspectorWords += Buffer.from(bytes).toString();
      const address = inspectorAddress(this.#inspectorWords);
      if (address !== null) this.#onInspector(address);
      return;
    }
    this.#output.push(bytes);
    this.#options.onOutput(bytes);
  }

  /** Asks a host that turns its loop no more where it is, before it is killed for it. */
  async #killWhereItIs(cause: string): Promise<void> {
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<URL | null>();
    this.#onInspector = resolve;
    this.#process.kill('SIGUSR1');
    const cancel = clock.after(inspectorMs, () => resolve(null));
    const address = await promise;
    cancel();
    if (address !== null) this.#stack = await stackOf(address, clock, inspectorMs);
    this.#kill('killed-unresponsive', cause);
  }

  #lineClosed(): void {
    this.#heartbeat.stop();
    this.#options.clock.after(lingerMs, () => this.#kill('killed-closed-line', 'it closed its line to the medic'));
  }

  #kill(reason: ExitReason, cause: string): void {
    if (this.#isEnded || this.#killed !== null) return;
    this.#killed = { reason, cause };
    this.#heartbeat.stop();
    killFamily(this.#birth.pid);
  }

  async #untilEnded(): Promise<HostDeath> {
    const { clock } = this.#options;
    const outputClosed = new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#process.once('exit', (...how) => resolve(how));
    });
    const endedAt = clock.now();
    this.#isEnded = true;
    this.#heartbeat.stop();
    killLeftovers(this.#birth);
    const waiting = new AbortController();
    await Promise.race([outputClosed, clock.sleep(outputMs, waiting.signal).catch(() => {})]);
    waiting.abort();
    this.#process.stderr?.destroy();
    this.#line.close();
    // One that ended by itself in the moment in which it was to be killed has ended by itself.
    const killed = signal === 'SIGKILL' ? this.#killed : null;
    return {
      ...this.#birth,
      startedAt: this.#startedAt,
      endedAt,
      readyMs: this.#readyAt === null ? null : endedAt - this.#readyAt,
      hasRun: this.#hasRun,
      code,
      signal,
      isRequested: this.#isRequested,
      isRefused: this.#isRefused,
      reason: killed?.reason ?? (signal === null ? 'exited' : 'signalled'),
      cause: killed?.cause ?? null,
      stack: this.#stack,
      badLines: this.#badLines,
      lastWords: this.#output.toString(),
    };
  }
}

/**
 * Ends what is left of the group of a host that is gone. Its pid may be another's by now: only processes that were born
 * into the group of this one count, and a group keeps its number until its last member has ended.
 */
function killLeftovers({ pid, ticks }: Birth): void {
  for (const entry of listProcesses()) {
    if (entry.group !== pid || entry.pid === pid || (ticks !== null && entry.startedAt < ticks)) continue;
    if (isRunning(entry)) killProcess(entry.pid);
  }
}

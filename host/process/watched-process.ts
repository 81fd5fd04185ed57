import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ClayError, Clock } from '@clay/sdk';
import type { Framed, Port } from '@clay/sdk/wire';
import { lineOf } from './child-line.ts';
import { killFamily } from './child-registry.ts';
import { Heartbeat } from './heartbeat.ts';
import { OutputTail } from './output-tail.ts';
import type { DeathReason } from './process-death.ts';
import { descendantsOf, isRunning, killProcess, listProcesses, residentBytes } from './process-table.ts';

/** What the host bears from a process before it kills it. */
export interface ChildLimits {
  /** Resident memory, heap and buffers and all. */
  readonly residentBytes: number;
  readonly pingEveryMs: number;
  /** Pings in a row without an answer. */
  readonly maxMissedPings: number;
  /** How often the memory is looked at. */
  readonly measureEveryMs: number;
  /** Messages in one second that nobody asked for. */
  readonly messagesPerSecond: number;
  /** What it says in one second, asked for or not. */
  readonly bytesPerSecond: number;
  /** From the close of the line to the kill. */
  readonly exitMs: number;
}

export interface WatchedProcessOptions<Out extends Framed, In extends Framed> {
  readonly clock: Clock;
  readonly limits: ChildLimits;
  /** Whether it may start processes, which then have to be ended with it. */
  readonly mayStartProcesses: boolean;
  readonly line: Port<Out, In>;
  readonly ping: (id: number) => Out;
  /** Called once, before the line is told closed: who wants to send its calls elsewhere has to know first. */
  readonly onEnd: (end: ProcessEnd) => void;
}

/** How a process ended, as the host has seen it. */
export interface ProcessEnd {
  readonly pid: number;
  readonly reason: DeathReason;
  /** What the host saw that made it kill the process. */
  readonly cause: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last of what it wrote to its standard output and error. */
  readonly output: string;
  /** The last that was measured. */
  readonly residentBytes: number;
  readonly livedMs: number;
}

const outputBytes = 64 * 1024;
/** For an exit code to arrive after the line has closed. */
const lingerMs = 50;
/** For the rest of the output to arrive after the exit. */
const outputMs = 200;
/** For the rest of what it said on its line. */
const lineMs = 5_000;

/** A running process and its line, whatever they speak: watched, measured, and killed when it breaks the rules. */
export class WatchedProcess<Out extends Framed, In extends Framed> {
  readonly pid: number;
  /** The process and all that it had started are gone. */
  readonly ended: Promise<ProcessEnd>;
  readonly #process: ChildProcess;
  readonly #options: WatchedProcessOptions<Out, In>;
  readonly #line: Port<Out, In>;
  readonly #heartbeat: Heartbeat;
  readonly #output = new OutputTail(outputBytes);
  readonly #startedAt: number;
  /** Start times of the processes it has started, by pid. */
  #family = new Map<number, number>();
  #reason: DeathReason | null = null;
  #cause: string | null = null;
  #residentBytes = 0;
  #second = { at: 0, messages: 0 };
  /** What had come by its line when the present second of measuring began. */
  #heard = { at: 0, bytes: 0 };
  #isEnding = false;
  #isKilled = false;
  #isEnded = false;

  constructor(process: ChildProcess, pid: number, options: WatchedProcessOptions<Out, In>) {
    const { clock, limits, line, ping } = options;
    this.#process = process;
    this.pid = pid;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#line = line;
    this.#heartbeat = new Heartbeat({
      clock,
      everyMs: limits.pingEveryMs,
      maxMissed: limits.maxMissedPings,
      send: (id) => line.send(ping(id)),
      onMissed: () =>
        this.kill('unresponsive', `it answered none of ${limits.maxMissedPings} pings, ${limits.pingEveryMs} ms apart`),
    });
    for (const stream of [process.stdout, process.stderr]) if (stream !== null) this.#keep(stream);
    line.closed.then((reason) => this.#lineClosed(reason));
    this.ended = this.#untilEnded();
    this.#measure();
  }

  /** Its own pid, and those of what it had started when it was last looked at. */
  get pids(): readonly number[] {
    return [this.pid, ...this.#family.keys()];
  }

  get residentBytes(): number {
    return this.#residentBytes;
  }

  /** Nothing may be begun with it any more. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** From now on it has to answer pings. */
  startHeartbeat(): void {
    this.#heartbeat.start();
  }

  /** Whether a pong answers one of the heartbeat's pings. */
  answer(id: number): boolean {
    return this.#heartbeat.answer(id);
  }

  /** Counts a message that nobody had asked for; false when it was one too many, and then the process is killed. */
  isBorne(): boolean {
    const { clock, limits } = this.#options;
    const now = clock.now();
    if (now - this.#second.at >= 1_000) this.#second = { at: now, messages: 0 };
    this.#second.messages += 1;
    if (this.#second.messages <= limits.messagesPerSecond) return true;
    this.kill('flood', `it sent more than ${limits.messagesPerSecond} messages in a second that nobody had asked for`);
    return false;
  }

  /** Ends the process: it has a moment to go by itself. */
  close(reason?: ClayError): void {
    this.#reason ??= 'requested';
    this.#isEnding = true;
    this.#line.close(reason);
  }

  kill(reason: DeathReason, cause: string): void {
    if (this.#isEnded || this.#isKilled) return;
    this.#isKilled = true;
    this.#reason ??= reason;
    this.#cause ??= cause;
    this.#isEnding = true;
    // What it has said until then is still read: a call that it had accepted is not one that it never saw.
    killFamily(this.pid);
  }

  #keep(stream: Readable): void {
    stream.on('data', (chunk: Uint8Array) => this.#output.push(chunk));
    // A pipe that cannot be read ends like one that is closed.
    stream.on('error', () => stream.destroy());
  }

  #lineClosed(reason: ClayError | null): void {
    this.#heartbeat.stop();
    this.#isEnding = true;
    if (this.#isEnded) return;
    const { clock, limits } = this.#options;
    if (this.#reason === 'requested') clock.after(limits.exitMs, () => this.kill('requested', 'it did not end'));
    else if (reason?.code === 'WIRE') this.kill('wire', reason.message);
    else clock.after(lingerMs, () => this.kill('closed-line', 'it closed its line'));
  }

  #measure(): void {
    if (this.#isEnded) return;
    const { clock, limits, mayStartProcesses } = this.#options;
    this.#residentBytes = residentBytes(this.pid) ?? this.#residentBytes;
    if (mayStartProcesses) this.#countFamily();
    if (this.#residentBytes > limits.residentBytes) {
      const [used, allowed] = [this.#residentBytes, limits.residentBytes].map((bytes) => Math.round(bytes / 2 ** 20));
      this.kill('memory', `it used ${used} MB of memory; ${allowed} MB are allowed`);
    } else if (this.#isTooLoud()) {
      this.kill('flood', `it sent more than ${Math.round(limits.bytesPerSecond / 2 ** 20)} MB in a second`);
    } else {
      clock.after(limits.measureEveryMs, () => this.#measure());
    }
  }

  /** Over a second at least: a large answer comes at once. */
  #isTooLoud(): boolean {
    const { clock, limits } = this.#options;
    const [now, bytes] = [clock.now(), lineOf(this.#process).readable.bytesRead];
    const elapsedMs = now - this.#heard.at;
    if (elapsedMs < 1_000) return false;
    const rate = (bytes - this.#heard.bytes) / (elapsedMs / 1_000);
    const isFirst = this.#heard.at === 0;
    this.#heard = { at: now, bytes };
    return !isFirst && rate > limits.bytesPerSecond;
  }

  /** Whoever has left the group loses its parent with the child: its name must be known before. */
  #countFamily(): void {
    const living = [...this.#family].filter(([pid, startedAt]) => isRunning({ pid, startedAt }));
    const found = descendantsOf(this.pid, listProcesses()).map(({ pid, startedAt }) => [pid, startedAt] as const);
    this.#family = new Map([...living, ...found]);
  }

  /**
   * A process that ended by itself in the moment in which it was to be killed has ended by itself; but one that went
   * without a fault went because its line was closed on it.
   */
  #reasonOf(exitCode: number | null, signal: string | null): DeathReason {
    const isOurs = this.#reason === 'requested' || signal === 'SIGKILL' || exitCode === 0;
    if (this.#reason !== null && isOurs) return this.#reason;
    return signal === null ? 'exited' : 'signalled';
  }

  async #untilEnded(): Promise<ProcessEnd> {
    const { clock, onEnd } = this.#options;
    const outputClosed = new Promise<void>((resolve) => this.#process.once('close', () => resolve()));
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#process.once('exit', (code, by) => resolve([code, by]));
    });
    this.#isEnding = true;
    this.#isEnded = true;
    this.#heartbeat.stop();
    killFamily(this.pid);
    for (const [pid, startedAt] of this.#family) if (isRunning({ pid, startedAt })) killProcess(pid);
    await this.#within(outputClosed, outputMs);
    // To its end, however busy the host is; the bound is for one that somebody else holds open.
    await this.#within(this.#line.closed, lineMs);
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.destroy();
    this.#line.close();
    const end: ProcessEnd = {
      pid: this.pid,
      reason: this.#reasonOf(exitCode, signal),
      cause: this.#cause,
      exitCode,
      signal,
      output: this.#output.toString(),
      residentBytes: this.#residentBytes,
      livedMs: clock.now() - this.#startedAt,
    };
    onEnd(end);
    return end;
  }

  /** Waits no longer than that, and leaves no timer behind: it would hold up the end of a host that stops. */
  async #within(wanted: Promise<unknown>, ms: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, late.resolve);
    await Promise.race([wanted, late.promise]);
    cancel();
  }
}

import { isDeepStrictEqual } from 'node:util';
import { ClayError, type Clock, fromFailure, type Log, toFailure } from '@clay/sdk';
import type { Fault, HostHello, HostMessage, PluginMessage, Port, Ready, Setup } from '@clay/sdk/wire';
import { answerAsleep } from './answer-asleep.ts';

export interface SleepingPortOptions {
  readonly plugin: string;
  /** Starts a process. */
  readonly open: () => Promise<Port<HostMessage, PluginMessage>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Without a word on the line, and with nothing open, the process is ended after so long. */
  readonly idleMs: number;
  /** For each step of a process that wakes: its load, its setup, its `onLive`. */
  readonly startMs: number;
  /** What this build has declared after this setup; null: nobody knows. */
  readonly find: (setup: Setup) => Ready | null;
  readonly keep: (setup: Setup, ready: Ready) => void;
}

/**
 * `asleep`: there is no process. `starting`: the first one tells what it declares. `waking`: one is told what the line
 * was told before it. `falling`: it releases what it holds, and what comes meanwhile waits for the next.
 */
type State = 'asleep' | 'starting' | 'waking' | 'awake' | 'falling' | 'closed';

interface Queued {
  readonly message: HostMessage;
  readonly at: number;
}

/** Without a call, for one that was started only to tell what it declares. */
const uncalledMs = 10_000;
/** For what a process has acquired to be released before it sleeps. */
const releaseMs = 5_000;

/**
 * The line to a generation whose process runs only while it is used. Whoever holds it cannot tell: calls wait until a
 * process has woken, and all else that is said to a sleeper is answered in its place. A process that ends without having
 * been asked to ends the line with it, as any other does.
 */
export class SleepingPort implements Port<HostMessage, PluginMessage> {
  readonly closed: Promise<ClayError | null>;
  readonly #options: SleepingPortOptions;
  readonly #resolveClosed: (reason: ClayError | null) => void;
  /** What keeps it awake. */
  readonly #open = {
    calls: new Set<string>(),
    requests: new Set<number>(),
    leases: new Set<string>(),
    steps: new Set<string>(),
  };
  readonly #awaited = new Map<
    string,
    { resolve: (message: PluginMessage) => void; reject: (error: unknown) => void }
  >();
  #state: State = 'asleep';
  #process: Port<HostMessage, PluginMessage> | null = null;
  #receiver: (message: PluginMessage) => void = () => {};
  #hello: HostHello | null = null;
  #setup: Setup | null = null;
  #ready: Ready | null = null;
  #isLive = false;
  #isCommitted = false;
  #isCalled = false;
  #queue: Queued[] = [];
  #lastWordAt = 0;
  #cancelTimer: () => void = () => {};
  #change: Promise<void> = Promise.resolve();

  constructor(options: SleepingPortOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<ClayError | null>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  /** Resolves when it is closed and starts nothing more. */
  async ended(): Promise<void> {
    await this.closed;
    await this.#change;
  }

  receive(receiver: (message: PluginMessage) => void): void {
    this.#receiver = receiver;
  }

  close(reason?: ClayError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTimer();
    this.#process?.close(reason);
    const gone = reason ?? new ClayError('UNAVAILABLE', `The plugin "${this.#options.plugin}" was stopped.`);
    for (const { reject } of this.#awaited.values()) reject(gone);
    this.#resolveClosed(reason ?? null);
  }

  send(message: HostMessage): void {
    switch (message.type) {
      case 'hello':
        this.#hello = message;
        this.#say({ type: 'hello', protocol: message.protocol.max, sdk: '' });
        return;
      case 'setup':
        this.#setUp(message);
        return;
      case 'live':
        this.#isLive = true;
        break;
      case 'commit':
        this.#isCommitted = true;
        break;
      // For who has asked, also while it falls asleep.
      case 'answer':
        this.#pass(message);
        return;
      case 'cancel':
        if (this.#cancelQueued(message)) return;
        break;
      case 'call':
      case 'credit':
      case 'grant':
      case 'revoke':
      case 'ping':
      case 'drain':
        break;
    }
    this.#offer({ message, at: this.#options.clock.now() });
  }

  #setUp(setup: Setup): void {
    this.#setup = setup;
    this.#ready = this.#options.find(setup);
    if (this.#ready === null) this.#run(() => this.#start());
    else this.#say(this.#ready);
  }

  #offer(one: Queued): void {
    switch (this.#state) {
      case 'closed':
        return;
      case 'starting':
      case 'awake':
        this.#pass(one.message);
        return;
      case 'asleep': {
        const answer = answerAsleep(one.message);
        if (answer === null) {
          this.#queue.push(one);
          this.#run(() => this.#wake());
        } else if (answer !== 'none') this.#say(answer);
        return;
      }
      case 'waking':
      case 'falling':
        if (one.message.type === 'ping') this.#say({ type: 'pong', id: one.message.id, rssBytes: 0 });
        else this.#queue.push(one);
    }
  }

  /** The first process: nothing is known yet, so that the host hears everything it says. */
  async #start(): Promise<void> {
    this.#state = 'starting';
    await this.#startProcess();
    this.#process?.send(this.#setup!);
  }

  async #wake(): Promise<void> {
    const { clock, log, plugin } = this.#options;
    const startedAt = clock.now();
    this.#state = 'waking';
    const process = await this.#startProcess();
    const ready = this.#next('ready');
    process.send(this.#setup!);
    this.#requireSame((await ready) as Ready);
    if (this.#isLive) {
      const live = this.#next('done live');
      process.send({ type: 'live' });
      const { failure } = (await live) as Extract<PluginMessage, { type: 'done' }>;
      if (failure !== undefined) throw fromFailure({ ...failure, phase: 'live' });
    }
    // What it does then it does for itself: the host has had its answer from the first.
    if (this.#isCommitted) this.#pass({ type: 'commit' });
    this.#state = 'awake';
    log.debug('process.woken', { plugin, ms: clock.now() - startedAt });
    for (const one of this.#queue.splice(0)) this.#passQueued(one);
    this.#rest();
  }

  /** Starts one and greets it. */
  async #startProcess(): Promise<Port<HostMessage, PluginMessage>> {
    const process = await this.#options.open();
    if (this.#state === 'closed') {
      process.close();
      throw new ClayError('CANCELLED', `The plugin "${this.#options.plugin}" was stopped while it started.`);
    }
    this.#process = process;
    const greeted = this.#next('hello');
    process.receive((message) => this.#received(message));
    process.closed.then((reason) => {
      if (this.#process === process) this.close(reason ?? new ClayError('UNAVAILABLE', 'Its process has ended.'));
    });
    process.send(this.#hello!);
    const { protocol } = (await greeted) as Extract<PluginMessage, { type: 'hello' }>;
    const { min, max } = this.#hello!.protocol;
    if (protocol >= min && protocol <= max) return process;
    throw new ClayError('WIRE', `The plugin chose protocol ${protocol}; offered was ${min}–${max}.`);
  }

  async #fall(): Promise<void> {
    const { log, plugin } = this.#options;
    const process = this.#process!;
    this.#state = 'falling';
    const drained = this.#next('done drain', releaseMs);
    process.send({ type: 'drain', graceMs: 0 });
    await drained.catch((error) => log.warn('process.sleep.late', { plugin, error: String(error) }));
    if ((this.#state as State) === 'closed') return;
    this.#process = null;
    process.close();
    await process.closed;
    if ((this.#state as State) === 'closed') return;
    for (const set of Object.values(this.#open)) set.clear();
    log.debug('process.asleep', { plugin });
    this.#state = 'asleep';
    for (const one of this.#queue.splice(0)) this.#offer(one);
  }

  #received(message: PluginMessage): void {
    this.#lastWordAt = this.#options.clock.now();
    if (message.type === 'done') this.#open.steps.delete(message.step);
    const awaited = this.#awaited.get(message.type === 'done' ? `done ${message.step}` : message.type);
    if (awaited !== undefined) {
      awaited.resolve(message);
      return;
    }
    if (message.type === 'ready') this.#declared(message);
    else if (message.type === 'reply') this.#open.calls.delete(message.id);
    else if (message.type === 'request') this.#open.requests.add(message.id);
    else if (message.type === 'done' && message.step === 'revoke') this.#open.leases.delete(message.lease ?? '');
    this.#receiver(message);
    // Whoever waits for it to wake waits in vain.
    if (message.type === 'fault' && this.#state === 'waking') this.close(fromFailure(message.failure));
  }

  #declared(ready: Ready): void {
    if (this.#state !== 'starting') return;
    this.#ready = ready;
    this.#options.keep(this.#setup!, ready);
    this.#state = 'awake';
    this.#rest();
  }

  #requireSame(ready: Ready): void {
    if (isDeepStrictEqual(ready, this.#ready)) return;
    // For the start that follows this fault.
    this.#options.keep(this.#setup!, ready);
    throw new ClayError(
      'CONFLICT',
      `The plugin "${this.#options.plugin}" declared something else when it woke than when it was set up. Where the manifest says "idle": "sleep", what setup declares must follow from its code and configuration alone.`,
      { phase: 'setup' },
    );
  }

  /** To the process. Throws what cannot cross. */
  #pass(message: HostMessage): void {
    this.#process?.send(message);
    this.#lastWordAt = this.#options.clock.now();
    if (message.type === 'call') {
      this.#isCalled = true;
      this.#open.calls.add(message.id);
    } else if (message.type === 'live' || message.type === 'commit') this.#open.steps.add(message.type);
    else if (message.type === 'grant') this.#open.leases.add(message.lease);
    else if (message.type === 'answer') this.#open.requests.delete(message.id);
  }

  #passQueued({ message, at }: Queued): void {
    if (message.type !== 'call') {
      this.#pass(message);
      return;
    }
    const timeoutMs = Math.max(1, message.timeoutMs - (this.#options.clock.now() - at));
    try {
      this.#pass({ ...message, timeoutMs });
    } catch (thrown) {
      this.#receiver({ type: 'reply', id: message.id, failure: toFailure(thrown) });
    }
  }

  /** Whether the call that is given up had not been sent: then it never is. */
  #cancelQueued({ id, code, reason }: Extract<HostMessage, { type: 'cancel' }>): boolean {
    const index = this.#queue.findIndex(({ message }) => message.type === 'call' && message.id === id);
    if (index === -1) return false;
    this.#queue.splice(index, 1);
    this.#say({ type: 'reply', id, failure: { error: reason, code } });
    return true;
  }

  /** Lets it fall asleep once it has had nothing to do for so long. */
  #rest(ms = this.#idleMs): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(ms, () => {
      if (this.#state !== 'awake') return;
      const isBusy = Object.values(this.#open).some(({ size }) => size > 0);
      const idleMs = this.#idleMs;
      const leftMs = isBusy ? idleMs : this.#lastWordAt + idleMs - clock.now();
      if (leftMs > 0) this.#rest(leftMs);
      else this.#run(() => this.#fall());
    });
  }

  get #idleMs(): number {
    const { idleMs } = this.#options;
    return this.#isCalled ? idleMs : Math.min(idleMs, uncalledMs);
  }

  /** The next message of this name; nobody else hears of it. */
  #next(name: string, timeoutMs = this.#options.startMs): Promise<PluginMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<PluginMessage>();
    const cancel = this.#options.clock.after(timeoutMs, () =>
      reject(
        new ClayError('TIMEOUT', `The plugin "${this.#options.plugin}" gave no "${name}" within ${timeoutMs} ms.`),
      ),
    );
    this.#awaited.set(name, { resolve, reject });
    return promise.finally(() => {
      cancel();
      this.#awaited.delete(name);
    });
  }

  /** Answers for the sleeper: never before the sender has returned. */
  #say(message: PluginMessage): void {
    queueMicrotask(() => {
      if (this.#state !== 'closed') this.#receiver(message);
    });
  }

  #run(change: () => Promise<void>): void {
    this.#change = change().catch((thrown) => this.#failed(thrown));
  }

  #failed(thrown: unknown): void {
    if (this.#state === 'closed') return;
    const failure = toFailure(thrown);
    const phase: Fault['phase'] = failure.phase === 'live' ? 'live' : 'setup';
    this.#receiver({ type: 'fault', phase, failure, location: null });
    this.close(fromFailure(failure));
  }
}

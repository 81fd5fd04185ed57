import type { Clock } from '../clock.ts';
import { ClayError, fromFailure, toFailure } from '../errors.ts';
import type { Json } from '../json.ts';
import type {
  Done,
  Fault,
  HostHello,
  HostMessage,
  LogMessage,
  PluginMessage,
  Ready,
  Request,
  Setup,
} from './message.ts';
import { oldestProtocol, protocol } from './message.ts';
import { asClayError, type CallOut, cancelGraceMs, type OpenCall, OutgoingCalls } from './outgoing-calls.ts';
import type { Port } from './port.ts';

/** What the host has to answer to one generation. */
export interface HostConnectionHandlers {
  /** Answers a host function; throws `ClayError` to refuse. The signal is aborted when the plugin gives up or is gone. */
  serve(request: ServedRequest): Promise<ServedAnswer>;
  log(message: LogMessage): void;
  /** The generation cannot go on. Called at most once. */
  fault(fault: Fault): void;
}

/** A host function that the plugin asks for. */
export interface ServedRequest {
  readonly method: string;
  readonly args: Json;
  readonly blobs: readonly Uint8Array[];
  readonly signal: AbortSignal;
  /** The call that the plugin serves with it, and when that has to end; null outside of calls. */
  readonly parent: OpenCall | null;
}

/** What it gets. */
export interface ServedAnswer {
  readonly value: Json;
  readonly blobs?: readonly Uint8Array[];
}

/**
 * The host's end of the line to one generation: handshake, calls out, host functions in. It knows neither states nor
 * policies; those belong to whoever holds it.
 */
export class HostConnection {
  readonly #port: Port<HostMessage, PluginMessage>;
  readonly #handlers: HostConnectionHandlers;
  readonly #clock: Clock;
  readonly #calls: OutgoingCalls;
  readonly #serving = new Map<number, AbortController>();
  readonly #steps = new Map<string, { resolve: () => void; reject: (error: ClayError) => void }>();
  readonly #pings = new Map<number, { resolve: (rssBytes: number) => void; reject: (error: ClayError) => void }>();
  #greeting: { resolve: (ready: Ready) => void; reject: (error: ClayError) => void; setup: Setup } | null = null;
  #isFaulted = false;
  #death: ClayError | null = null;
  #lastPing = 0;

  constructor(port: Port<HostMessage, PluginMessage>, clock: Clock, handlers: HostConnectionHandlers) {
    this.#port = port;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#calls = new OutgoingCalls((message) => port.send(message), clock);
    port.receive((message) => this.#handle(message));
    port.closed.then((reason) => this.#die(reason ?? new ClayError('UNAVAILABLE', 'The plugin has stopped.')));
  }

  /** Null while the line stands. */
  get death(): ClayError | null {
    return this.#death;
  }

  /** Ids of the calls that wait for an answer. */
  get open(): readonly string[] {
    return this.#calls.ids;
  }

  /** Greets and sets up; resolves with what the plugin declares, rejects with its fault. */
  start(hello: Omit<HostHello, 'type' | 'protocol'>, setup: Omit<Setup, 'type'>, timeoutMs: number): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#greeting = null;
        reject(
          new ClayError('TIMEOUT', `The plugin "${hello.plugin}" was not ready within ${timeoutMs} ms.`, {
            phase: 'setup',
          }),
        );
      });
      this.#greeting = {
        resolve: (ready) => {
          cancelTimer();
          resolve(ready);
        },
        reject: (error) => {
          cancelTimer();
          reject(error);
        },
        setup: { type: 'setup', ...setup },
      };
      if (this.#death !== null) this.#greeting.reject(this.#death);
      else this.#port.send({ type: 'hello', protocol: { min: oldestProtocol, max: protocol }, ...hello });
    });
  }

  /** Runs `onLive`. Calls sent from now on wait in the plugin until it is through. */
  live(timeoutMs: number): Promise<void> {
    return this.#step({ type: 'live' }, 'live', timeoutMs);
  }

  commit(timeoutMs: number): Promise<void> {
    return this.#step({ type: 'commit' }, 'commit', timeoutMs);
  }

  grant(lease: string, timeoutMs: number): Promise<void> {
    return this.#step({ type: 'grant', lease }, `grant ${lease}`, timeoutMs);
  }

  revoke(lease: string, timeoutMs: number): Promise<void> {
    return this.#step({ type: 'revoke', lease }, `revoke ${lease}`, timeoutMs);
  }

  /** Lets open calls end for `graceMs`, then aborts them; resolves when everything is released. */
  drain(graceMs: number, releaseMs: number): Promise<void> {
    return this.#step({ type: 'drain', graceMs }, 'drain', graceMs + cancelGraceMs + releaseMs);
  }

  /** Resident memory of the plugin's process. Rejects with `TIMEOUT` when it does not answer, and when the line breaks. */
  ping(timeoutMs: number): Promise<number> {
    if (this.#death !== null) return Promise.reject(this.#death);
    const id = ++this.#lastPing;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#pings.delete(id);
        reject(new ClayError('TIMEOUT', `No answer to a ping within ${timeoutMs} ms.`));
      });
      this.#pings.set(id, {
        resolve: (rssBytes) => {
          cancelTimer();
          resolve(rssBytes);
        },
        reject: (error) => {
          cancelTimer();
          reject(error);
        },
      });
      this.#port.send({ type: 'ping', id });
    });
  }

  /**
   * Sends a call. Rejects with the handler's failure; with `CANCELLED` or `TIMEOUT` when the signal or the deadline
   * ends it; with `UNAVAILABLE` when the line broke before the ack, and `CALL_OUTCOME_UNKNOWN` after it.
   */
  call(call: CallOut): Promise<Json> {
    return this.#death === null ? this.#calls.start(call) : Promise.reject(this.#death);
  }

  /** Lets a streaming call send `count` more items. */
  credit(id: string, count: number): void {
    this.#calls.credit(id, count);
  }

  close(reason?: ClayError): void {
    this.#port.close(reason);
    this.#die(reason ?? new ClayError('UNAVAILABLE', 'The plugin has stopped.'));
  }

  #handle(message: PluginMessage): void {
    switch (message.type) {
      case 'hello':
        this.#greeted(message.protocol);
        break;
      case 'ready':
        this.#greeting?.resolve(message);
        this.#greeting = null;
        break;
      case 'done':
        this.#done(message);
        break;
      case 'ack':
        this.#calls.ack(message.id);
        break;
      case 'progress':
        this.#calls.progress(message.id, message.text);
        break;
      case 'item':
        this.#calls.item(message.id, message.event);
        break;
      case 'reply':
        this.#calls.reply(message);
        break;
      case 'request':
        this.#serve(message);
        break;
      case 'abort':
        this.#serving.get(message.id)?.abort(new ClayError('CANCELLED', 'The plugin gave up.'));
        break;
      case 'log':
        this.#handlers.log(message);
        break;
      case 'fault':
        this.#fault(message);
        break;
      case 'pong':
        this.#pings.get(message.id)?.resolve(message.rssBytes);
        this.#pings.delete(message.id);
        break;
    }
  }

  #greeted(chosen: number): void {
    const greeting = this.#greeting;
    if (greeting === null) return;
    if (chosen >= oldestProtocol && chosen <= protocol) this.#port.send(greeting.setup);
    else
      greeting.reject(
        new ClayError('WIRE', `The plugin chose protocol ${chosen}; offered was ${oldestProtocol}–${protocol}.`),
      );
  }

  #step(message: HostMessage, name: string, timeoutMs: number): Promise<void> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#steps.delete(name);
        reject(new ClayError('TIMEOUT', `The plugin did not end the step "${name}" within ${timeoutMs} ms.`));
      });
      this.#steps.set(name, {
        resolve: () => {
          cancelTimer();
          resolve();
        },
        reject: (error) => {
          cancelTimer();
          reject(error);
        },
      });
      this.#port.send(message);
    });
  }

  #done({ step, lease, failure }: Done): void {
    const name = lease === undefined ? step : `${step} ${lease}`;
    const waiting = this.#steps.get(name);
    this.#steps.delete(name);
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(fromFailure(failure));
  }

  #serve({ id, method, args, blobs, call }: Request): void {
    const controller = new AbortController();
    const parent = call === null ? null : (this.#calls.get(call) ?? null);
    this.#serving.set(id, controller);
    const answer = async () => {
      try {
        const { value, blobs: bytes } = await this.#handlers.serve({
          method,
          args,
          blobs: blobs ?? [],
          signal: controller.signal,
          parent,
        });
        this.#port.send(
          bytes === undefined ? { type: 'answer', id, value } : { type: 'answer', id, value, blobs: bytes },
        );
      } catch (thrown) {
        this.#port.send({ type: 'answer', id, failure: toFailure(thrown) });
      } finally {
        this.#serving.delete(id);
      }
    };
    // Every way out of `answer` sends; only a failure that is itself not JSON gets here.
    answer().catch((thrown) => this.close(asClayError(thrown)));
  }

  #fault(fault: Fault): void {
    if (this.#isFaulted) return;
    this.#isFaulted = true;
    const { error, code, ...details } = fault.failure;
    const data = fault.location === null ? details.data : { location: fault.location };
    const failure = new ClayError(code, error, {
      ...details,
      phase: fault.phase,
      ...(data === undefined ? {} : { data }),
    });
    this.#greeting?.reject(failure);
    this.#greeting = null;
    this.#handlers.fault(fault);
  }

  #die(reason: ClayError): void {
    if (this.#death !== null) return;
    this.#death = reason;
    this.#greeting?.reject(reason);
    this.#greeting = null;
    this.#calls.breakOff(reason);
    for (const waiting of this.#steps.values()) waiting.reject(reason);
    this.#steps.clear();
    for (const waiting of this.#pings.values()) waiting.reject(reason);
    this.#pings.clear();
    for (const controller of this.#serving.values()) controller.abort(reason);
  }
}

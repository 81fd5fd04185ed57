import type { CallSession, StreamEvent } from '../call.ts';
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
import type { Port } from './port.ts';

/** What the host has to answer to one generation. */
export interface HostConnectionHandlers {
  /** Answers a host function; throws `ClayError` to refuse. The signal is aborted when the plugin gives up or is gone. */
  serve(request: ServedRequest): Promise<ServedAnswer>;
  log(message: LogMessage): void;
  /** The generation cannot go on. Called at most once. */
  fault(fault: Fault): void;
}

export interface ServedRequest {
  readonly method: string;
  readonly args: Json;
  readonly blobs: readonly Uint8Array[];
  readonly signal: AbortSignal;
  /** The call that the plugin serves with it, and when that has to end; null outside of calls. */
  readonly parent: { readonly call: CallOut; readonly deadline: number } | null;
}

export interface ServedAnswer {
  readonly value: Json;
  readonly blobs?: readonly Uint8Array[];
}

export interface CallOut {
  readonly id: string;
  readonly key: string;
  readonly attempt: number;
  readonly capability: string;
  readonly args: Json;
  readonly caller: string;
  readonly timeoutMs: number;
  readonly session: CallSession | null;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly onAck?: (() => void) | undefined;
  /** Receives stream items; the next is asked for by {@link HostConnection.credit}. Without it, items are dropped. */
  readonly onItem?: ((event: StreamEvent) => void) | undefined;
}

interface Pending {
  readonly call: CallOut;
  readonly settle: () => void;
  readonly resolve: (value: Json) => void;
  readonly reject: (error: ClayError) => void;
  readonly deadline: number;
  isAcked: boolean;
}

/** Stream items that a plugin may send ahead of its reader. */
export const streamCredit = 16;
/** After a cancel or a deadline: how long the handler may take to hand over what it had produced. */
export const cancelGraceMs = 2_000;

/**
 * The host's end of the line to one generation: handshake, calls out, host functions in. It knows neither states nor
 * policies; those belong to whoever holds it.
 */
export class HostConnection {
  readonly #port: Port<HostMessage, PluginMessage>;
  readonly #handlers: HostConnectionHandlers;
  readonly #clock: Clock;
  readonly #calls = new Map<string, Pending>();
  readonly #serving = new Map<number, AbortController>();
  readonly #steps = new Map<string, { resolve: () => void; reject: (error: ClayError) => void }>();
  readonly #pings = new Map<number, (rssBytes: number) => void>();
  #greeting: { resolve: (ready: Ready) => void; reject: (error: ClayError) => void; setup: Setup } | null = null;
  #isFaulted = false;
  #death: ClayError | null = null;
  #lastPing = 0;

  constructor(port: Port<HostMessage, PluginMessage>, clock: Clock, handlers: HostConnectionHandlers) {
    this.#port = port;
    this.#clock = clock;
    this.#handlers = handlers;
    port.receive((message) => this.#handle(message));
    port.closed.then((reason) => this.#die(reason ?? new ClayError('UNAVAILABLE', 'The plugin has stopped.')));
  }

  /** Null while the line stands. */
  get death(): ClayError | null {
    return this.#death;
  }

  /** Ids of the calls that wait for an answer. */
  get open(): readonly string[] {
    return [...this.#calls.keys()];
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

  /** Resident memory of the plugin's process. Rejects with `TIMEOUT` when it does not answer. */
  ping(timeoutMs: number): Promise<number> {
    const id = ++this.#lastPing;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#pings.delete(id);
        reject(new ClayError('TIMEOUT', `No answer to a ping within ${timeoutMs} ms.`));
      });
      this.#pings.set(id, (rssBytes) => {
        cancelTimer();
        resolve(rssBytes);
      });
      this.#port.send({ type: 'ping', id });
    });
  }

  /**
   * Sends a call. Rejects with the handler's failure; with `CANCELLED` or `TIMEOUT` when the signal or the deadline
   * ends it; with `UNAVAILABLE` when the line broke before the ack, and `CALL_OUTCOME_UNKNOWN` after it.
   */
  call(call: CallOut): Promise<Json> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      const { signal, id } = call;
      let cancelGrace: (() => void) | null = null;
      const stop = (error: ClayError & { code: 'CANCELLED' | 'TIMEOUT' }) => {
        if (cancelGrace !== null) return;
        this.#port.send({ type: 'cancel', id, code: error.code, reason: error.message });
        cancelGrace = this.#clock.after(cancelGraceMs, () => pending.reject(error));
      };
      const onAbort = () => stop(asCancelled(signal?.reason, call));
      const cancelDeadline = this.#clock.after(call.timeoutMs, () =>
        stop(stopError('TIMEOUT', `${call.capability} did not end within ${call.timeoutMs} ms.`)),
      );
      const pending: Pending = {
        call,
        deadline: this.#clock.now() + call.timeoutMs,
        isAcked: false,
        settle: () => {
          this.#calls.delete(id);
          cancelDeadline();
          cancelGrace?.();
          signal?.removeEventListener('abort', onAbort);
        },
        resolve: (value) => {
          pending.settle();
          resolve(value);
        },
        reject: (error) => {
          pending.settle();
          reject(error);
        },
      };
      this.#calls.set(id, pending);
      try {
        this.#port.send({
          type: 'call',
          id,
          key: call.key,
          attempt: call.attempt,
          capability: call.capability,
          args: call.args,
          caller: call.caller,
          timeoutMs: call.timeoutMs,
          session: call.session,
          credit: streamCredit,
        });
      } catch (thrown) {
        pending.reject(asClayError(thrown));
        return;
      }
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets a streaming call send `count` more items. */
  credit(id: string, count: number): void {
    if (this.#calls.has(id)) this.#port.send({ type: 'credit', id, count });
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
        this.#ack(message.id);
        break;
      case 'progress':
        this.#calls.get(message.id)?.call.onProgress?.(message.text);
        break;
      case 'item':
        this.#item(message.id, message.event);
        break;
      case 'reply': {
        const pending = this.#calls.get(message.id);
        if (message.failure === undefined) pending?.resolve(message.value ?? null);
        else pending?.reject(fromFailure(message.failure));
        break;
      }
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
        this.#pings.get(message.id)?.(message.rssBytes);
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

  #ack(id: string): void {
    const pending = this.#calls.get(id);
    if (pending === undefined || pending.isAcked) return;
    pending.isAcked = true;
    pending.call.onAck?.();
  }

  #item(id: string, event: StreamEvent): void {
    const pending = this.#calls.get(id);
    if (pending === undefined) return;
    if (pending.call.onItem !== undefined) pending.call.onItem(event);
    else this.credit(id, 1);
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
    for (const pending of [...this.#calls.values()]) {
      const { capability, id } = pending.call;
      pending.reject(
        pending.isAcked
          ? new ClayError(
              'CALL_OUTCOME_UNKNOWN',
              `${capability} had accepted the call ${id} when its plugin died: ${reason.message} Whether it took effect is unknown.`,
              { cause: reason },
            )
          : new ClayError(
              'UNAVAILABLE',
              `${capability} had not accepted the call ${id} when its plugin died: ${reason.message}`,
              { cause: reason },
            ),
      );
    }
    for (const waiting of this.#steps.values()) waiting.reject(reason);
    this.#steps.clear();
    for (const controller of this.#serving.values()) controller.abort(reason);
  }
}

type StopError = ClayError & { code: 'CANCELLED' | 'TIMEOUT' };

function stopError(code: 'CANCELLED' | 'TIMEOUT', message: string): StopError {
  return new ClayError(code, message) as StopError;
}

function asCancelled(reason: unknown, call: CallOut): StopError {
  if (reason instanceof ClayError && (reason.code === 'CANCELLED' || reason.code === 'TIMEOUT'))
    return reason as StopError;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  return stopError(
    isTimeout ? 'TIMEOUT' : 'CANCELLED',
    `The caller ${isTimeout ? 'stopped waiting for' : 'cancelled'} ${call.capability}.`,
  );
}

function asClayError(thrown: unknown): ClayError {
  return thrown instanceof ClayError ? thrown : new ClayError('INTERNAL', String(thrown), { cause: thrown });
}

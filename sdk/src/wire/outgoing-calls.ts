import type { CallSession, StreamEvent } from '../call.ts';
import type { Clock } from '../clock.ts';
import { ClayError, fromFailure } from '../errors.ts';
import type { Json } from '../json.ts';
import type { HostMessage, Reply } from './message.ts';

/** A call as it goes out to a generation. */
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
  /** Receives stream items; each gives the plugin one more when `credit` is called. Without it, items are dropped. */
  readonly onItem?: ((event: StreamEvent) => void) | undefined;
}

/** A call that waits for its reply. */
export interface OpenCall {
  readonly call: CallOut;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

interface Pending extends OpenCall {
  readonly resolve: (value: Json) => void;
  readonly reject: (error: ClayError) => void;
  isAcked: boolean;
}

/** Stream items that a plugin may send ahead of its reader. */
export const streamCredit = 16;
/** After a cancel or a deadline: how long the handler may take to hand over what it had produced. */
export const cancelGraceMs = 2_000;

/** The calls that one generation has been sent and has not answered. */
export class OutgoingCalls {
  readonly #send: (message: HostMessage) => void;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();

  constructor(send: (message: HostMessage) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  get ids(): readonly string[] {
    return [...this.#pending.keys()];
  }

  get(id: string): OpenCall | undefined {
    return this.#pending.get(id);
  }

  /** Sends a call and waits: for the reply, or for the deadline or the signal and then the grace. */
  start(call: CallOut): Promise<Json> {
    const { signal, id } = call;
    return new Promise((resolve, reject) => {
      let cancelGrace: (() => void) | null = null;
      const stop = (error: StopError) => {
        if (cancelGrace !== null) return;
        this.#send({ type: 'cancel', id, code: error.code, reason: error.message });
        cancelGrace = this.#clock.after(cancelGraceMs, () => pending.reject(error));
      };
      const onAbort = () => stop(asStopError(signal?.reason, call));
      const cancelDeadline = this.#clock.after(call.timeoutMs, () =>
        stop(stopError('TIMEOUT', `${call.capability} did not end within ${call.timeoutMs} ms.`)),
      );
      const settle = () => {
        this.#pending.delete(id);
        cancelDeadline();
        cancelGrace?.();
        signal?.removeEventListener('abort', onAbort);
      };
      const pending: Pending = {
        call,
        deadline: this.#clock.now() + call.timeoutMs,
        isAcked: false,
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#pending.set(id, pending);
      try {
        this.#send(toMessage(call));
      } catch (thrown) {
        pending.reject(asClayError(thrown));
        return;
      }
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  ack(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined || pending.isAcked) return;
    pending.isAcked = true;
    pending.call.onAck?.();
  }

  progress(id: string, text: string): void {
    this.#pending.get(id)?.call.onProgress?.(text);
  }

  item(id: string, event: StreamEvent): void {
    const pending = this.#pending.get(id);
    if (pending?.call.onItem !== undefined) pending.call.onItem(event);
    else this.credit(id, 1);
  }

  credit(id: string, count: number): void {
    if (this.#pending.has(id)) this.#send({ type: 'credit', id, count });
  }

  /** A reply to nothing that is open, or a second one, is dropped. */
  reply({ id, value, failure }: Reply): void {
    const pending = this.#pending.get(id);
    if (failure === undefined) pending?.resolve(value ?? null);
    else pending?.reject(fromFailure(failure));
  }

  /**
   * The line is gone: what was accepted may have taken effect, what was not cannot have. After nonsense on the line nobody
   * knows what else was said.
   */
  breakOff(cause: ClayError): void {
    for (const { call, isAcked: isTold, reject } of [...this.#pending.values()]) {
      const isAcked = isTold || cause.code === 'WIRE';
      const what = `${call.capability} ${isTold ? 'had' : isAcked ? 'may have' : 'had not'} accepted the call ${call.id} when its plugin died: ${cause.message}`;
      reject(
        isAcked
          ? new ClayError('CALL_OUTCOME_UNKNOWN', `${what} Whether it took effect is unknown.`, { cause })
          : new ClayError('UNAVAILABLE', what, { cause }),
      );
    }
  }
}

function toMessage({ id, key, attempt, capability, args, caller, timeoutMs, session }: CallOut): HostMessage {
  return { type: 'call', id, key, attempt, capability, args, caller, timeoutMs, session, credit: streamCredit };
}

type StopError = ClayError & { readonly code: 'CANCELLED' | 'TIMEOUT' };

function stopError(code: 'CANCELLED' | 'TIMEOUT', message: string): StopError {
  return new ClayError(code, message) as StopError;
}

function asStopError(reason: unknown, call: CallOut): StopError {
  if (reason instanceof ClayError && (reason.code === 'CANCELLED' || reason.code === 'TIMEOUT'))
    return reason as StopError;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  const what = isTimeout ? 'stopped waiting for' : 'cancelled';
  return stopError(isTimeout ? 'TIMEOUT' : 'CANCELLED', `The caller ${what} ${call.capability}.`);
}

/** Anything thrown, as a {@link ClayError}. */
export function asClayError(thrown: unknown): ClayError {
  return thrown instanceof ClayError ? thrown : new ClayError('INTERNAL', String(thrown), { cause: thrown });
}

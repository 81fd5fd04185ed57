import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call, Stream } from '../call.ts';
import type { Clock } from '../clock.ts';
import { ClayError, type Failure, toFailure } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Log } from '../log.ts';
import { copyJson } from '../wire/copy.ts';
import type { CallMessage, HostMessage, PluginMessage } from '../wire/message.ts';
import type { Port } from '../wire/port.ts';
import type { Handler } from './declarations.ts';
import { locate, locatedFailure } from './location.ts';

interface Serving {
  readonly controller: AbortController;
  credit: number;
  wakeForCredit: (() => void) | null;
}

/** What {@link Calls} works with. */
export interface CallsOptions {
  readonly port: Port<PluginMessage, HostMessage>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The calls that a generation is serving. */
export class Calls {
  readonly #port: CallsOptions['port'];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #serving = new Map<string, Serving>();
  readonly #current = new AsyncLocalStorage<Call>();
  #onIdle: (() => void)[] = [];

  constructor({ port, clock, log }: CallsOptions) {
    this.#port = port;
    this.#clock = clock;
    this.#log = log;
  }

  /** The call that the code running now serves, if it serves one. */
  get current(): Call | undefined {
    return this.#current.getStore();
  }

  /**
   * Serves one call: the ack goes out before the handler runs, so that a call without an ack is known not to have
   * started. `open` is what has to happen first (`onLive`).
   */
  async serve(message: CallMessage, handler: Handler, open: Promise<void> | null): Promise<void> {
    const { id } = message;
    if (this.#serving.has(id)) return;
    const serving: Serving = { controller: new AbortController(), credit: message.credit, wakeForCredit: null };
    this.#serving.set(id, serving);
    try {
      if (open !== null) await open;
      serving.controller.signal.throwIfAborted();
      this.#port.send({ type: 'ack', id });
      const value = await this.#run(message, handler, serving);
      this.#reply(message, value);
    } catch (thrown) {
      if (!(thrown instanceof ClayError) && !serving.controller.signal.aborted) this.#logThrown(message, thrown);
      this.#fail(id, plainFailure(thrown, serving.controller.signal));
    } finally {
      this.#serving.delete(id);
      if (this.#serving.size === 0) for (const wake of this.#onIdle.splice(0)) wake();
    }
  }

  cancel(id: string, reason: ClayError): void {
    const serving = this.#serving.get(id);
    serving?.controller.abort(reason);
    serving?.wakeForCredit?.();
  }

  cancelAll(reason: ClayError): void {
    for (const id of [...this.#serving.keys()]) this.cancel(id, reason);
  }

  addCredit(id: string, count: number): void {
    const serving = this.#serving.get(id);
    if (serving === undefined) return;
    serving.credit += count;
    serving.wakeForCredit?.();
  }

  /** Resolves when no call is being served. */
  idle(): Promise<void> {
    if (this.#serving.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  async #run(message: CallMessage, handler: Handler, serving: Serving): Promise<unknown> {
    const { signal } = serving.controller;
    const call: Call = {
      id: message.id,
      key: message.key,
      attempt: message.attempt,
      caller: message.caller,
      signal,
      deadline: this.#clock.now() + message.timeoutMs,
      session: message.session,
      progress: (text) => this.#port.send({ type: 'progress', id: message.id, text: String(text) }),
    };
    return this.#current.run(call, async () => {
      const value = await handler.run(message.args, call);
      return isStream(value) ? this.#drainStream(value, message.id, serving) : value;
    });
  }

  async #drainStream(value: Stream, id: string, serving: Serving): Promise<Json> {
    const { signal } = serving.controller;
    let step = await value.next();
    try {
      while (!step.done) {
        await this.#waitForCredit(serving);
        signal.throwIfAborted();
        serving.credit -= 1;
        this.#port.send({ type: 'item', id, event: step.value });
        step = await value.next();
      }
    } catch (thrown) {
      // The generator gets its `finally` blocks, which free what it holds.
      await value.return(null as never);
      throw thrown;
    }
    return step.value;
  }

  async #waitForCredit(serving: Serving): Promise<void> {
    while (serving.credit <= 0 && !serving.controller.signal.aborted) {
      await new Promise<void>((resolve) => {
        serving.wakeForCredit = resolve;
      });
      serving.wakeForCredit = null;
    }
  }

  #reply(message: CallMessage, value: unknown): void {
    const copied = copyJson(value, `The result of ${message.capability}`);
    this.#port.send({ type: 'reply', id: message.id, value: copied });
  }

  #fail(id: string, failure: Failure): void {
    try {
      this.#port.send({ type: 'reply', id, failure });
    } catch (thrown) {
      // Too large to cross: its beginning and end still tell what happened.
      const { code, phase, exitCode } = failure;
      const kept = { code, ...(phase === undefined ? {} : { phase }), ...(exitCode === undefined ? {} : { exitCode }) };
      const output = failure.output === undefined ? {} : { output: cutMiddle(failure.output) };
      this.#port.send({ type: 'reply', id, failure: { ...kept, error: cutMiddle(failure.error), ...output } });
      this.#log.warn('failure.cut', { call: id, error: toFailure(thrown).error });
    }
  }

  #logThrown(message: CallMessage, thrown: unknown): void {
    this.#log.error('handler.threw', {
      capability: message.capability,
      call: message.id,
      error: thrown instanceof Error ? thrown.message : String(thrown),
      location: locate(thrown),
    });
  }
}

/** Characters kept at either end of a text that is too long to cross. */
const keptChars = 50_000;

function cutMiddle(text: string): string {
  if (text.length <= 2 * keptChars) return text;
  return `${text.slice(0, keptChars)}\n… ${text.length - 2 * keptChars} characters left out …\n${text.slice(-keptChars)}`;
}

function isStream(value: unknown): value is Stream {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value;
}

/** A failure that surely crosses: `data` that is not plain JSON is left out rather than hiding the failure itself. */
function plainFailure(thrown: unknown, signal: AbortSignal) {
  // A handler that passes its own signal on fails with the signal's reason, or with an AbortError made from it.
  const isAbort = thrown instanceof Error && thrown.name === 'AbortError';
  const { data, ...failure } = locatedFailure(isAbort && signal.reason instanceof ClayError ? signal.reason : thrown);
  if (data === undefined) return failure;
  try {
    return { ...failure, data: copyJson(data, 'data') };
  } catch {
    return failure;
  }
}

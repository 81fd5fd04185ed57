import type { ClayError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';

/**
 * Stands for the host's inbox, `service:chat.receive`, in tests of connectors.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ClayError } from '@clay/sdk';
 * import { TestInbox } from '@clay/sdk/testing';
 *
 * const inbox = new TestInbox();
 * inbox.failures.push(new ClayError('UNAVAILABLE', 'The disk is full.'));
 * await assert.rejects(inbox.receive({ text: 'one' }), { code: 'UNAVAILABLE' });
 * await inbox.receive({ text: 'one' });
 * assert.deepEqual(inbox.texts, ['one']);
 * ```
 */
export class TestInbox {
  /** Messages that were taken, in order. */
  readonly taken: JsonObject[] = [];
  /** Thrown by the next calls, one each. */
  readonly failures: ClayError[] = [];

  get texts(): readonly string[] {
    return this.taken.map(({ text }) => String(text));
  }

  /** How many messages are being handed in at this moment. */
  waiting = 0;
  #gate: Promise<void> = Promise.resolve();

  /** Lets messages wait until the function that it gives is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  async receive(message: Json, signal?: AbortSignal): Promise<Json> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.waiting++;
    try {
      await Promise.race([this.#gate, ...(signal === undefined ? [] : [aborted(signal)])]);
    } finally {
      this.waiting--;
    }
    this.taken.push(message as JsonObject);
    return { state: 'accepted', session: 's' };
  }
}

/** Rejects when the caller no longer waits. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

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
 * assert.throws(() => inbox.receive({ text: 'one' }), { code: 'UNAVAILABLE' });
 * inbox.receive({ text: 'one' });
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

  receive(message: Json): Json {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.taken.push(message as JsonObject);
    return { state: 'accepted', session: 's' };
  }
}

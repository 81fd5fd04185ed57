import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatientClock } from '../testing/quiet.ts';
import { ModelError } from './model-error.ts';
import { defaultRetryPolicy, waitBeforeRetry, withRetries } from './retry.ts';

const overload = (retryAfterMs?: number) =>
  new ModelError('MODEL_OVERLOADED', {
    details: '',
    isRetryable: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

test('waits double, spread by a quarter either way', () => {
  const waits = [1, 2, 3].map((tries) => waitBeforeRetry(defaultRetryPolicy, tries, overload(), 0.5));
  assert.deepEqual(waits, [500, 1000, 2000]);
  assert.equal(waitBeforeRetry(defaultRetryPolicy, 1, overload(), 0), 375);
  assert.equal(waitBeforeRetry(defaultRetryPolicy, 4, overload(), 0.5), null);
});

test('a longer wait that the provider asks for is kept, up to the limit', () => {
  assert.equal(waitBeforeRetry(defaultRetryPolicy, 1, overload(30_000), 0.5), 30_000);
  assert.equal(waitBeforeRetry(defaultRetryPolicy, 1, overload(1), 0.5), 500);
  assert.equal(waitBeforeRetry(defaultRetryPolicy, 1, overload(61_000), 0.5), null);
});

test('an abort during the wait ends quietly', async () => {
  const controller = new AbortController();
  const attempt = async function* (): AsyncGenerator<never, void, void> {
    controller.abort();
    yield* [];
    throw overload();
  };
  const options = { policy: defaultRetryPolicy, clock: impatientClock(), random: () => 0, signal: controller.signal };
  assert.deepEqual(await Array.fromAsync(withRetries(attempt, options)), []);
});

import type { TestHost } from '../test-host.ts';

/** How much faster than real time. A code of a quarter of an hour lasts nine seconds, a pause of a minute is soon over. */
const speed = 100;
/** Of real time. */
const deadlineMs = 20_000;

/**
 * Runs the clock of a test host, a hundred times as fast as real time, until a condition holds: what waits by the clock and what waits for a socket take turns. Throws when that takes 20 s of real time.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 * import { createTestHost, turnUntil } from '@clay/sdk/testing';
 *
 * const late = definePlugin({
 *   name: 'late',
 *   setup(ctx) {
 *     ctx.onLive(() => void ctx.clock.after(5_000, () => ctx.log.info('late.here')));
 *   },
 * });
 *
 * await using host = await createTestHost(late);
 * await turnUntil(host, () => host.logs.some(({ event }) => event === 'late.here'));
 * ```
 */
export async function turnUntil(
  host: Pick<TestHost, 'advance'>,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const start = performance.now();
  let last = start;
  while (!(await condition())) {
    const now = performance.now();
    if (now - start > deadlineMs) throw new Error(`It did not come true within ${deadlineMs} ms: ${condition}`);
    await host.advance((now - last) * speed);
    last = now;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import type { TestHost } from '@clay/sdk/testing';

/** Turns the clock until so many memories have a vector: the endpoint may answer in its own time. */
export async function untilEmbedded(claw: TestHost, count: number): Promise<void> {
  const sql = 'SELECT count(*) AS count FROM memory_vectors WHERE dimensions > 0';
  while (Number(claw.store.transaction([{ sql }])[0]?.rows[0]?.count) < count) {
    await claw.advance(1000);
    await wait(1);
  }
}

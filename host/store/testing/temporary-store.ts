import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '@clay/sdk';
import { openStore } from '../open-store.ts';
import type { EventJson } from '../session-store.ts';
import type { Store, StoreOptions } from '../store.ts';

/** Time that stands still until a test moves it; waiting callers are called in order. */
export interface HandClock extends Clock {
  advance(ms: number): void;
}

export function createHandClock(start = Date.UTC(2026, 2, 10, 12)): HandClock {
  let now = start;
  let waiting: { readonly at: number; readonly callback: () => void }[] = [];
  const after = (ms: number, callback: () => void) => {
    const entry = { at: now + ms, callback };
    waiting.push(entry);
    return () => {
      waiting = waiting.filter((other) => other !== entry);
    };
  };
  return {
    now: () => now,
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    advance(ms) {
      now += ms;
      const due = waiting.filter((entry) => entry.at <= now).sort((a, b) => a.at - b.at);
      waiting = waiting.filter((entry) => entry.at > now);
      for (const entry of due) entry.callback();
    },
  };
}

export interface TemporaryFolder {
  readonly folder: string;
  readonly clock: HandClock;
  readonly options: StoreOptions;
  open(): Store;
}

/** A folder that goes with the test, and stores in it that are closed before. */
export function temporaryFolder(test: TestContext): TemporaryFolder {
  const folder = mkdtempSync(join(tmpdir(), 'clay-store-'));
  const clock = createHandClock();
  const opened: Store[] = [];
  test.after(() => {
    for (const store of opened) store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const options = {
    database: join(folder, 'data', 'messages.db'),
    data: join(folder, 'data'),
    backups: join(folder, 'data', 'backups'),
    keepBackups: 3,
    clock,
  };
  return {
    folder,
    clock,
    options,
    open() {
      const store = openStore(options);
      opened.push(store);
      return store;
    },
  };
}

export function temporaryStore(test: TestContext): Store & { readonly clock: HandClock } {
  const { open, clock } = temporaryFolder(test);
  return { ...open(), clock };
}

export function createEvent(id: string, fields: Partial<EventJson> = {}): EventJson {
  return {
    id,
    invocationId: 'turn-1',
    author: 'user',
    timestamp: 1000,
    content: { role: 'user', parts: [{ text: id }] },
    ...fields,
  };
}

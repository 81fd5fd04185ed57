import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import { openStore } from '../open-store.ts';
import type { SessionKey, SessionStore } from '../session-store.ts';

/** Appends to a short and to a long session by turns, so that a noisy machine disturbs both alike. */
const shortEvents = 10;
const longEvents = 10_000;
const rounds = 300;
const appendsPerRound = 10;

export interface AppendFigures {
  /** Medians, of one append, in microseconds. */
  readonly shortUs: number;
  readonly longUs: number;
  readonly shortP95Us: number;
  readonly longP95Us: number;
  /** The long median by the short one. */
  readonly ratio: number;
  /** Reading what a turn needs of the long session after a compaction that left 50 events, in milliseconds. */
  readonly readAfterCompactionMs: number;
  readonly readAllMs: number;
}

export function measureAppend(): AppendFigures {
  const folder = mkdtempSync(join(tmpdir(), 'clay-bench-'));
  const store = openStore({
    database: join(folder, 'messages.db'),
    data: folder,
    backups: join(folder, 'backups'),
    keepBackups: 1,
    clock: systemClock,
  });
  try {
    return measure(store.sessions);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(sessions: SessionStore): AppendFigures {
  const long: SessionKey = { app: 'clay', user: 'bench', session: 'long' };
  sessions.create(long);
  fill(sessions, long, longEvents);
  const short: number[] = [];
  const longer: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const fresh: SessionKey = { app: 'clay', user: 'bench', session: `short-${round}` };
    sessions.create(fresh);
    fill(sessions, fresh, shortEvents);
    short.push(timeAppends(sessions, fresh, round));
    longer.push(timeAppends(sessions, long, round));
  }
  const readAllMs = timeMs(() => sessions.get(long));
  const boundary = sessions.events(long, { last: 50 })[0]?.event.id ?? '';
  const first = sessions.events(long, { afterSeq: 0 })[0]?.event.id ?? '';
  sessions.addCompaction(long, { firstEventId: first, lastEventId: boundary, summary: 'x'.repeat(2000) });
  const readAfterCompactionMs = timeMs(() => sessions.get(long, 'afterCompaction'));
  const [shortUs, longUs] = [quantile(short, 0.5), quantile(longer, 0.5)];
  return {
    shortUs,
    longUs,
    shortP95Us: quantile(short, 0.95),
    longP95Us: quantile(longer, 0.95),
    ratio: longUs / shortUs,
    readAfterCompactionMs,
    readAllMs,
  };
}

function fill(sessions: SessionStore, key: SessionKey, count: number): void {
  for (let n = 0; n < count; n += 1) sessions.append(key, event(`fill-${n}`));
}

/** Of one append in a run of several, in microseconds. */
function timeAppends(sessions: SessionStore, key: SessionKey, round: number): number {
  const events = Array.from({ length: appendsPerRound }, (_, n) => event(`timed-${round}-${n}`));
  const start = performance.now();
  for (const one of events) sessions.append(key, one);
  return ((performance.now() - start) * 1000) / appendsPerRound;
}

function event(id: string) {
  return {
    id,
    invocationId: `turn-${id}`,
    author: 'clay',
    timestamp: Date.now(),
    content: { role: 'model', parts: [{ text: 'A sentence of an answer that is about as long as most. '.repeat(8) }] },
    actions: { stateDelta: { last: id } },
  };
}

function timeMs(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return quantile(times, 0.5);
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

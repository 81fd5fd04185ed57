import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createTestHost } from '@clay/sdk/testing';
import memory from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };
import { type BenchQuery, type CorpusMemory, corpusSize, createCorpus } from './corpus.ts';

const seed = 20260310;
const queryCount = 1000;
const warmUp = 50;

export interface SearchFigures {
  readonly memories: number;
  readonly queries: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** The 95th percentile of each kind of query. */
  readonly p95MsByKind: Readonly<Record<string, number>>;
  /** Indexing all memories of a database of the original at its first opening. */
  readonly indexMs: number;
  readonly databaseMb: number;
}

/** Searches through the tool, the wire and the index, as the agent does. */
export async function measureSearch(): Promise<SearchFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-memory-bench-'));
  try {
    const { memories, queries } = createCorpus(seed, queryCount);
    const file = join(folder, 'messages.db');
    writeCorpus(file, memories);
    const start = performance.now();
    await using claw = await createTestHost({ ...memory, tables: manifest.tables }, { database: file });
    const indexMs = performance.now() - start;
    const run = ({ text }: BenchQuery) => claw.tool('memory', { action: 'search', query: text });
    for (const query of queries.slice(0, warmUp)) await run(query);
    const times: { readonly kind: string; readonly ms: number }[] = [];
    for (const query of queries) {
      const begin = performance.now();
      await run(query);
      times.push({ kind: query.kind, ms: performance.now() - begin });
    }
    return { ...summarize(times), indexMs, databaseMb: databaseMb(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeCorpus(file: string, memories: readonly CorpusMemory[]): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE memories (id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL,
    type TEXT DEFAULT 'general', tags TEXT, importance INTEGER DEFAULT 3, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`);
  const insert = database.prepare('INSERT INTO memories (content, tags, importance, created_at) VALUES (?, ?, ?, ?)');
  database.exec('BEGIN');
  for (const { content, tags, importance, createdAt } of memories) insert.run(content, tags, importance, createdAt);
  database.exec('COMMIT');
  database.close();
}

function databaseMb(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size').get();
  database.close();
  return Number(row?.bytes) / 1024 / 1024;
}

function summarize(times: readonly { readonly kind: string; readonly ms: number }[]) {
  const all = times.map(({ ms }) => ms);
  const kinds = [...new Set(times.map(({ kind }) => kind))];
  const ofKind = (kind: string) => times.filter((time) => time.kind === kind).map(({ ms }) => ms);
  return {
    memories: corpusSize,
    queries: times.length,
    p50Ms: quantile(all, 0.5),
    p95Ms: quantile(all, 0.95),
    maxMs: Math.max(...all),
    p95MsByKind: Object.fromEntries(kinds.map((kind) => [kind, quantile(ofKind(kind), 0.95)])),
  };
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

import type { Store } from '@clay/sdk';
import { countStatement, planCandidates, type Reach } from './candidate-plan.ts';
import { type Memory, toMemory } from './memory.ts';
import { scoreMemory } from './score.ts';
import { fold } from './words.ts';

/** What is read of a memory to judge it. */
const judgedCharacters = 1000;
/** Memories that are judged at most, so that a search takes the same time among a hundred thousand. */
const maxCandidates = 160;
const placeholders = Array(maxCandidates).fill('?').join(',');

export interface MemoryQuery {
  readonly text: string;
  readonly terms: readonly string[];
  readonly reach: Reach;
  readonly limit: number;
}

/** Finds the memories that answer a query best, best first. */
export async function searchMemories(store: Store, query: MemoryQuery): Promise<readonly Memory[]> {
  if (query.terms.length === 0) return [];
  const [newest, ...counts] = await store.transaction([
    { sql: 'SELECT max(id) AS id FROM memories' },
    ...query.terms.map(countStatement),
  ]);
  const newestId = Number(newest?.rows[0]?.id ?? 0);
  const terms = query.terms.map((term, index) => ({ term, count: Number(counts[index]?.rows[0]?.count ?? 0) }));

  const statements = planCandidates(terms, newestId, query.reach);
  const found = statements.length === 0 ? [] : await store.transaction(statements);
  const ids = new Set(found.flatMap(({ rows }) => rows.map((row) => Number(row.id))));
  const candidates = await readMemories(store, [...ids].slice(0, maxCandidates), judgedCharacters);

  const judged = { phrase: fold(query.text).trim(), terms, reach: query.reach, total: newestId };
  const best = candidates
    .map((memory) => ({ memory, score: scoreMemory(memory, judged) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.memory.id - a.memory.id)
    .slice(0, query.limit)
    .map(({ memory }) => memory);
  const long = best.filter((memory) => memory.content.length >= judgedCharacters).map((memory) => memory.id);
  const whole = new Map((await readMemories(store, long)).map((memory) => [memory.id, memory]));
  return best.map((memory) => whole.get(memory.id) ?? memory);
}

/** In no order. */
export async function readMemories(
  store: Store,
  ids: readonly number[],
  characters?: number,
): Promise<readonly Memory[]> {
  if (ids.length === 0) return [];
  const content = characters === undefined ? 'content' : `substr(content, 1, ${characters}) AS content`;
  const { rows } = await store.sql(
    `SELECT id, ${content}, type, tags, importance, created_at FROM memories WHERE id IN (${placeholders})`,
    // One text for every number of ids, so that the statement is prepared once.
    [...ids, ...Array<null>(maxCandidates - ids.length).fill(null)],
  );
  return rows.map(toMemory);
}

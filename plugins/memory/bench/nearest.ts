import type { Store } from '@clay/sdk';
import { VectorIndex } from '../embeddings/vector-index.ts';
import { maxVectors, VectorTable } from '../embeddings/vector-table.ts';

const dimensions = 384;
const looks = 50;

export interface NearestFigures {
  readonly vectors: number;
  readonly p95Ms: number;
}

/** The look through all vectors, once they are in memory; the numbers follow from their place. */
export async function measureNearest(): Promise<NearestFigures> {
  const vector = (seed: number) => Float32Array.from({ length: dimensions }, (_, at) => Math.sin(seed * 31 + at * 7));
  const rows = Array.from({ length: maxVectors }, (_, index) => ({
    revision: index + 1,
    memory_id: index + 1,
    vector: new Uint8Array(vector(index).buffer),
  }));
  const index = new VectorIndex(new VectorTable(tableOf(rows), 'bench'));
  await index.nearest(vector(0.5), 10);
  const times: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const query = vector(look + 0.5);
    const begin = performance.now();
    await index.nearest(query, 10);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return { vectors: maxVectors, p95Ms: times[Math.floor(looks * 0.95)] ?? Number.NaN };
}

interface Row extends Readonly<Record<string, number | Uint8Array>> {
  readonly revision: number;
}

/** What the statements of the table read, without a database. */
function tableOf(rows: readonly Row[]): Store {
  const sql: Store['sql'] = async (text, [, after] = []) => {
    const isCount = text.includes('count(*)');
    const found = isCount
      ? [{ count: rows.length, revision: rows.length }]
      : rows.slice(Number(after), Number(after) + 250);
    return { rows: found, changes: 0, lastInsertRowid: 0 };
  };
  return { sql } as Store;
}

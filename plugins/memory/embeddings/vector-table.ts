import type { SqlStatement, Store } from '@clay/sdk';

/** Older memories are found by their words only: one look at so many vectors takes milliseconds. */
export const maxVectors = 20_000;
/** What a model reads of a memory; most read less. */
const embeddedCharacters = 4000;
/** Read at once: with 4,096 numbers each they fit a message. */
const pageSize = 250;

/** A memory without a vector of the present space. */
export interface PendingMemory {
  readonly id: number;
  /** The beginning of its content, by which a change is noticed. */
  readonly content: string;
  readonly tags: string;
}

export interface EmbeddedMemory {
  readonly memory: PendingMemory;
  /** Null: the endpoint takes no such text. */
  readonly vector: Float32Array | null;
}

export interface StoredVector {
  readonly revision: number;
  readonly id: number;
  readonly vector: Float32Array;
}

/** The vectors beside the memories. Triggers take away those of memories that are changed or forgotten. */
export class VectorTable {
  readonly #store: Store;
  readonly #space: string;

  constructor(store: Store, space: string) {
    this.#store = store;
    this.#space = space;
  }

  /** New memories first: they are asked for most. */
  async pending(limit: number): Promise<readonly PendingMemory[]> {
    const { rows } = await this.#store.sql(
      `SELECT id, substr(content, 1, ${embeddedCharacters}) AS content, coalesce(tags, '') AS tags
       FROM (SELECT * FROM memories ORDER BY id DESC LIMIT ${maxVectors})
       WHERE id NOT IN (SELECT memory_id FROM memory_vectors WHERE space = ?) ORDER BY id DESC LIMIT ?`,
      [this.#space, limit],
    );
    return rows.map(({ id, content, tags }) => ({
      id: Number(id),
      content: String(content),
      tags: String(tags),
    }));
  }

  /** Only where the memory is as it was read: what was changed or forgotten meanwhile gets no vector of its old words. */
  async save(embedded: readonly EmbeddedMemory[]): Promise<void> {
    await this.#store.transaction([
      ...embedded.map((one) => this.#saveStatement(one)),
      {
        sql: `DELETE FROM memory_vectors
              WHERE memory_id <= (SELECT id FROM memories ORDER BY id DESC LIMIT 1 OFFSET ${maxVectors})`,
      },
    ]);
  }

  #saveStatement({ memory, vector }: EmbeddedMemory): SqlStatement {
    const bytes = vector === null ? new Uint8Array() : new Uint8Array(vector.buffer);
    return {
      sql: `INSERT OR REPLACE INTO memory_vectors (memory_id, space, dimensions, vector)
            SELECT id, ?, ?, ? FROM memories
            WHERE id = ? AND substr(content, 1, ${embeddedCharacters}) = ? AND coalesce(tags, '') = ?`,
      parameters: [this.#space, vector?.length ?? 0, bytes, memory.id, memory.content, memory.tags],
    };
  }

  /** How many vectors there are, and the newest revision. */
  async state(): Promise<{ readonly count: number; readonly revision: number }> {
    const { rows } = await this.#store.sql(
      'SELECT count(*) AS count, max(revision) AS revision FROM memory_vectors WHERE space = ? AND dimensions > 0',
      [this.#space],
    );
    return { count: Number(rows[0]?.count ?? 0), revision: Number(rows[0]?.revision ?? 0) };
  }

  /** A page of what has come after a revision. */
  async after(revision: number): Promise<readonly StoredVector[]> {
    const { rows } = await this.#store.sql(
      `SELECT revision, memory_id, vector FROM memory_vectors
       WHERE space = ? AND dimensions > 0 AND revision > ? ORDER BY revision LIMIT ${pageSize}`,
      [this.#space, revision],
    );
    return rows.map((row) => ({
      revision: Number(row.revision),
      id: Number(row.memory_id),
      vector: new Float32Array((row.vector as Uint8Array).slice().buffer),
    }));
  }

  async memoryIds(): Promise<ReadonlySet<number>> {
    const { rows } = await this.#store.sql('SELECT memory_id FROM memory_vectors WHERE space = ? AND dimensions > 0', [
      this.#space,
    ]);
    return new Set(rows.map((row) => Number(row.memory_id)));
  }
}

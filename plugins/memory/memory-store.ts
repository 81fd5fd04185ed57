import { ClayError, type Clock, type SqlValue, type Store } from '@clay/sdk';
import { fuseRankings } from './embeddings/reciprocal-rank.ts';
import { defaultImportance, type Memory, memoryTypes, toMemory } from './memory.ts';
import { readMemories, searchMemories } from './memory-search.ts';
import { toSqlTime } from './sql-time.ts';
import { recallTerms, searchTerms } from './words.ts';

export const maxContentLength = 50_000;
const maxTagsLength = 1000;
const maxTypeLength = 100;
/** Of the memories of a time, the newest ones are weighed against each other. */
const maxWeighed = 2000;
const dayMs = 24 * 60 * 60 * 1000;

export interface NewMemory {
  readonly content: string;
  readonly type?: string | undefined;
  readonly tags?: string | undefined;
  readonly importance?: number | undefined;
}

/** What is given is changed. */
export interface MemoryChanges {
  readonly content?: string | undefined;
  readonly type?: string | undefined;
  readonly tags?: string | undefined;
  readonly importance?: number | undefined;
}

export interface RecallFilter {
  readonly days: number;
  readonly type?: string | undefined;
  readonly limit: number;
}

/** What stands behind the memories where an embeddings endpoint is configured. */
export interface Meanings {
  /** Some memory is new or says something else. */
  changed(): void;
  /** Numbers of the memories that mean what a query means, the nearest first; never fails. */
  nearest(query: string, limit: number): Promise<readonly number[]>;
}

/** Fewer would leave the fusion nothing to weigh. */
const minRanked = 20;
/** Everything is near to something: only the nearest are worth telling. */
const maxNearest = 10;

/** The memories in the plugin's tables. */
export class MemoryStore {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #meanings: Meanings | null;

  constructor(store: Store, clock: Clock, meanings: Meanings | null) {
    this.#store = store;
    this.#clock = clock;
    this.#meanings = meanings;
  }

  async add(memory: NewMemory): Promise<Memory> {
    const { content, type = memoryTypes.general, tags = '', importance = defaultImportance } = memory;
    checkFields({ content, type, tags, importance });
    const { rows } = await this.#store.sql(
      'INSERT INTO memories (content, type, tags, importance, created_at) VALUES (?, ?, ?, ?, ?) RETURNING *',
      [content, type, tags, importance, toSqlTime(this.#clock.now())],
    );
    this.#meanings?.changed();
    return toMemory(rows[0] ?? {});
  }

  /** Changes the fields given and leaves the others. */
  async update(id: number, changes: MemoryChanges): Promise<Memory> {
    checkFields(changes);
    const { content = null, type = null, tags = null, importance = null } = changes;
    if (content === null && type === null && tags === null && importance === null) {
      throw new ClayError('BAD_ARGUMENTS', `Say what to change of memory #${id}: content, type, tags or importance.`);
    }
    const { rows } = await this.#store.sql(
      `UPDATE memories SET content = coalesce(?, content), type = coalesce(?, type), tags = coalesce(?, tags),
         importance = coalesce(?, importance) WHERE id = ? RETURNING *`,
      [content, type, tags, importance, id],
    );
    const memory = toMemory(rows[0] ?? missing(id));
    this.#meanings?.changed();
    return memory;
  }

  async forget(id: number): Promise<Memory> {
    const { rows } = await this.#store.sql('DELETE FROM memories WHERE id = ? RETURNING *', [id]);
    return toMemory(rows[0] ?? missing(id));
  }

  /** Of the last days; important ones first, then new ones. */
  async recall({ days, type, limit }: RecallFilter): Promise<readonly Memory[]> {
    const parameters: SqlValue[] = [toSqlTime(this.#clock.now() - days * dayMs)];
    if (type !== undefined) parameters.push(type);
    const { rows } = await this.#store.sql(
      `SELECT * FROM memories WHERE id IN (
         SELECT id FROM memories WHERE created_at >= ? ${type === undefined ? '' : 'AND type = ?'}
         ORDER BY created_at DESC LIMIT ${maxWeighed})
       ORDER BY importance DESC, created_at DESC, id DESC LIMIT ?`,
      [...parameters, limit],
    );
    return rows.map(toMemory);
  }

  /** By words; where there are meanings, by both. */
  async search(query: string, limit: number): Promise<readonly Memory[]> {
    const meanings = this.#meanings;
    if (meanings === null) return this.searchWords(query, limit);
    const [byWords, nearest] = await Promise.all([
      this.searchWords(query, Math.max(limit, minRanked)),
      meanings.nearest(query, maxNearest),
    ]);
    const known = new Map(byWords.map((memory) => [memory.id, memory]));
    const best = fuseRankings([[...known.keys()], nearest]).slice(0, limit);
    const others = await readMemories(
      this.#store,
      best.filter((id) => !known.has(id)),
    );
    for (const memory of others) known.set(memory.id, memory);
    return best.flatMap((id) => known.get(id) ?? []);
  }

  searchWords(query: string, limit: number): Promise<readonly Memory[]> {
    return searchMemories(this.#store, { text: query, terms: searchTerms(query), reach: 'similar', limit });
  }

  /** What shares whole words with a message; nothing when its words are all short or stop words. */
  associate(message: string, limit: number): Promise<readonly Memory[]> {
    return searchMemories(this.#store, { text: message, terms: recallTerms(message), reach: 'exact', limit });
  }

  async latest(type: string): Promise<Memory | undefined> {
    const { rows } = await this.#store.sql('SELECT * FROM memories WHERE type = ? ORDER BY id DESC LIMIT 1', [type]);
    return rows[0] === undefined ? undefined : toMemory(rows[0]);
  }

  /** Newest first, without the types that have a place of their own. */
  async recent(limit: number): Promise<readonly Memory[]> {
    const { rows } = await this.#store.sql(
      `SELECT * FROM memories WHERE type IS NULL OR type NOT IN (?, ?, ?) ORDER BY id DESC LIMIT ?`,
      [memoryTypes.continuation, memoryTypes.buildSnapshot, memoryTypes.compaction, limit],
    );
    return rows.map(toMemory);
  }
}

function checkFields({ content, type, tags, importance }: MemoryChanges): void {
  if (content !== undefined && content.trim() === '') throw new ClayError('BAD_ARGUMENTS', 'A memory needs a content.');
  checkLength('content', content, maxContentLength);
  checkLength('type', type, maxTypeLength);
  checkLength('tags', tags, maxTagsLength);
  if (importance !== undefined && !(Number.isInteger(importance) && importance >= 1 && importance <= 5)) {
    throw new ClayError('BAD_ARGUMENTS', `The importance is a whole number from 1 to 5, not ${importance}.`);
  }
}

function checkLength(name: string, text: string | undefined, limit: number): void {
  if (text !== undefined && text.length > limit) {
    throw new ClayError(
      'TOO_LARGE',
      `The ${name} of a memory has ${text.length} characters; at most ${limit} are kept. Store the gist, or write a file.`,
    );
  }
}

function missing(id: number): never {
  throw new ClayError('NOT_FOUND', `There is no memory #${id}. Search for it to see its number.`);
}

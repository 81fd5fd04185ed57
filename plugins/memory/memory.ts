import type { SqlRow } from '@clay/sdk';

/** Types with a meaning of their own; any other word may be a type too. */
export const memoryTypes = {
  general: 'general',
  /** What the agent was doing, for its next session. */
  continuation: 'continuation',
  /** What the agent has built; the newest rides with every message. */
  buildSnapshot: 'build_snapshot',
  /** The summary of a conversation that grew too long. */
  compaction: 'compaction',
} as const;

export interface Memory {
  readonly id: number;
  readonly content: string;
  readonly type: string;
  /** Separated by commas. */
  readonly tags?: string;
  /** 1 (trifle) to 5 (never to be forgotten). */
  readonly importance: number;
  /** `YYYY-MM-DD HH:MM:SS` in UTC, as SQLite writes it. */
  readonly created_at: string;
}

export const defaultImportance = 3;

/** Rows of the original may lack tags, a type or an importance. */
export function toMemory(row: SqlRow): Memory {
  const tags = row.tags === null || row.tags === undefined || row.tags === '' ? {} : { tags: String(row.tags) };
  return {
    id: Number(row.id),
    content: String(row.content),
    type: String(row.type ?? memoryTypes.general),
    ...tags,
    importance: Number(row.importance ?? defaultImportance),
    created_at: String(row.created_at ?? ''),
  };
}

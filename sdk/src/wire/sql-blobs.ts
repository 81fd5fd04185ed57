import type { Json, JsonObject } from '../json.ts';
import type { SqlResult, SqlRow, SqlStatement, SqlValue } from '../store.ts';

/** SQL as it crosses: bytes cannot stand in JSON, so each is `{ "$blob": n }`, the n-th binary part of the same message. */
export interface Packed {
  readonly value: Json;
  readonly blobs: readonly Uint8Array[];
}

/** Statements on their way to the host. */
export function packStatements(statements: readonly SqlStatement[]): Packed {
  const blobs: Uint8Array[] = [];
  const value = statements.map(({ sql, parameters = [] }) => ({
    sql,
    parameters: parameters.map((one) => pack(one, blobs)),
  }));
  return { value, blobs };
}

/** Statements, as the host got them. */
export function unpackStatements({ value, blobs }: Packed): readonly SqlStatement[] {
  const statements = value as unknown as readonly { readonly sql: string; readonly parameters: readonly Json[] }[];
  return statements.map(({ sql, parameters }) => ({ sql, parameters: parameters.map((one) => unpack(one, blobs)) }));
}

/** Results on their way to the plugin. */
export function packResults(results: readonly SqlResult[]): Packed {
  const blobs: Uint8Array[] = [];
  const value = results.map(({ rows, changes, lastInsertRowid }) => ({
    rows: rows.map((row) => mapRow(row, (one) => pack(one, blobs))),
    changes,
    lastInsertRowid,
  }));
  return { value, blobs };
}

/** Results, as the plugin got them. */
export function unpackResults({ value, blobs }: Packed): readonly SqlResult[] {
  const results = value as unknown as readonly (Omit<SqlResult, 'rows'> & { readonly rows: readonly JsonObject[] })[];
  return results.map(({ rows, changes, lastInsertRowid }) => ({
    rows:
      blobs.length === 0 ? (rows as readonly SqlRow[]) : rows.map((row) => mapRow(row, (one) => unpack(one, blobs))),
    changes,
    lastInsertRowid,
  }));
}

function mapRow<From, To>(row: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]));
}

function pack(value: SqlValue, blobs: Uint8Array[]): Json {
  return value instanceof Uint8Array ? { $blob: blobs.push(value) - 1 } : value;
}

function unpack(value: Json, blobs: readonly Uint8Array[]): SqlValue {
  const blob = typeof value === 'object' && value !== null ? (value as JsonObject).$blob : undefined;
  return typeof blob === 'number' ? (blobs[blob] ?? null) : (value as SqlValue);
}

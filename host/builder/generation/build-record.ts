import { createHash } from 'node:crypto';
import { z } from '../../schema.ts';
import type { BuiltPlugin } from '../built-plugin.ts';

/** What a generation's folder says of itself, in `build.json`. */
export const buildRecordName = 'build.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.strictObject({
  format: z.literal(1),
  plugin: z.string(),
  generation: z.int().min(0),
  hash: sha256,
  /** Milliseconds since the epoch. */
  builtAt: z.number(),
  sourceDigest: sha256,
  /** SHA-256 of every other file. */
  files: z.record(z.string(), sha256),
  summary: z.strictObject({
    modules: z.record(z.string(), z.number()),
    sdkBytes: z.number(),
    packages: z.record(z.string(), z.number()),
    builtins: z.array(z.string()).readonly(),
  }),
});

export type BuildRecord = z.output<typeof recordSchema>;

export function makeRecord(
  build: BuiltPlugin,
  generation: number,
  builtAt: number,
  files: ReadonlyMap<string, Uint8Array>,
): BuildRecord {
  return {
    format: 1,
    plugin: build.name,
    generation,
    hash: build.hash,
    builtAt,
    sourceDigest: build.sourceDigest,
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, digest(bytes)])),
    summary: build.summary as BuildRecord['summary'],
  };
}

export function recordText(record: BuildRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Null when it is no record. */
export function parseRecord(bytes: Uint8Array): BuildRecord | null {
  try {
    return recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

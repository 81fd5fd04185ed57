import type { Json, JsonObject } from '@clay/sdk';

/** One thing that the section of a plugin in `clay.json` may hold. */
export interface DescribedSetting {
  /** Dotted, below the section; `NAME` stands for a key that the operator chooses. */
  readonly name: string;
  /** Undefined: none. */
  readonly fallback: Json | undefined;
  readonly meaning: string;
}

/** What a configuration schema takes, in the order of its fields; `given` are the fields that the host sets. */
export function describeSettings(schema: JsonObject, given: readonly string[] = []): DescribedSetting[] {
  const found = new Map<string, DescribedSetting>();
  collect(schema, '', new Set(given), found);
  return [...found.values()];
}

function collect(schema: JsonObject, prefix: string, given: ReadonlySet<string>, found: Map<string, DescribedSetting>) {
  for (const [key, field] of Object.entries(asObject(schema.properties))) {
    if (given.has(key)) continue;
    const { default: fallback, description } = asObject(field);
    const name = prefix + key;
    if (!found.has(name)) found.set(name, { name, fallback, meaning: String(description ?? '') });
    for (const inner of alternatives(asObject(field))) collectWithin(inner, name, found);
  }
}

function collectWithin(schema: JsonObject, name: string, found: Map<string, DescribedSetting>): void {
  collect(schema, `${name}.`, new Set(), found);
  const { additionalProperties: others } = schema;
  if (typeof others !== 'object') return;
  for (const inner of alternatives(asObject(others))) collectWithin(inner, `${name}.NAME`, found);
}

function alternatives(schema: JsonObject): JsonObject[] {
  return Array.isArray(schema.anyOf) ? schema.anyOf.map(asObject) : [schema];
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

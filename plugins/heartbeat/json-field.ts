import type { Json, JsonObject } from '@clay/sdk';

/** A field of what another plugin gave; null when it gave no object, or none with this field. */
export function jsonField(value: Json, name: string): Json {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? ((value as JsonObject)[name] ?? null) : null;
}

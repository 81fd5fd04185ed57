import type { Json, JsonObject } from '@clay/sdk';

/** A field of what a plugin gave; undefined when it gave no object, or none with that field. */
export function jsonField(value: Json | undefined, name: string): Json | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}

import type { Json, JsonObject, JsonSchema } from '@clay/sdk';
import { cleanText } from './clean-text.ts';

export const maxSchemaChars = 16_000;
const descriptionChars = 500;
const maxDepth = 24;

/**
 * Words that a stranger's schema does not get to say: patterns would run in the host against what the model writes, and
 * names and references of its own lead out of the schema.
 */
const dropped: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
  '$comment',
  'pattern',
  'patternProperties',
  'propertyNames',
  'format',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'title',
  'examples',
  '__proto__',
]);

/** The parameters of a foreign tool as the model may see them; null when they are too large to be shown. */
export function cleanSchema(schema: JsonObject): JsonSchema | null {
  const clean = cleanPart(schema, schema, 0, false) as JsonObject;
  const whole = { ...clean, type: 'object' };
  return JSON.stringify(whole).length <= maxSchemaChars ? whole : null;
}

/** @param isNames members are named by the author, as below `properties`, and are no words of JSON Schema */
function cleanPart(part: Json, root: JsonObject, depth: number, isNames: boolean): Json {
  if (depth > maxDepth) return {};
  if (typeof part === 'string') return cleanText(part, descriptionChars);
  if (Array.isArray(part)) return part.map((item) => cleanPart(item, root, depth + 1, false));
  if (typeof part !== 'object' || part === null) return part;
  const members = Object.entries(part as JsonObject).flatMap(([name, member]): [string, Json][] => {
    if (name === '__proto__' || (!isNames && dropped.has(name))) return [];
    // Values are compared, not read: a cut one would be another.
    if (!isNames && (name === 'enum' || name === 'const' || name === 'default')) return [[name, member]];
    if (!isNames && name === '$ref') return isInside(member, root) ? [[name, member]] : [];
    const namesBelow = !isNames && (name === 'properties' || name === '$defs' || name === 'definitions');
    return [[name, cleanPart(member, root, depth + 1, namesBelow)]];
  });
  return Object.fromEntries(members);
}

/** Whether a reference leads to something in the same schema that stays there. */
function isInside(reference: Json, root: JsonObject): boolean {
  if (reference === '#') return true;
  const found = /^#\/(\$defs|definitions)\/([\w.-]+)$/.exec(String(reference));
  const definitions = found === null ? undefined : root[found[1]!];
  return typeof definitions === 'object' && definitions !== null && Object.hasOwn(definitions, found![2]!);
}

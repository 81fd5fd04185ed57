import type { Json, JsonObject, JsonSchema } from '@clay/sdk';

/** The input schema of a tool as the Messages API takes it: an object at the top, everything else as it was. */
export function toInputSchema(schema: JsonSchema): JsonSchema & { readonly type: 'object' } {
  const { $schema, ...rest } = schema;
  const { oneOf, anyOf, allOf, ...plain } = rest;
  const branches = [oneOf, anyOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as Json[]) : []));
  if (branches.length === 0) return { properties: {}, ...plain, type: 'object' };
  // The API refuses these three at the top level: the fields are offered together, and the rule is told in words.
  const properties = Object.assign({}, ...branches.map(propertiesOf), propertiesOf(plain)) as JsonObject;
  const rule = JSON.stringify({
    ...(oneOf && { oneOf }),
    ...(anyOf && { anyOf }),
    ...(allOf && { allOf }),
  });
  const description = [plain.description, `The arguments must also fit: ${rule}`].filter(Boolean).join('\n');
  return { ...plain, type: 'object', properties, description };
}

function propertiesOf(schema: Json): JsonObject {
  if (!isObject(schema)) return {};
  const { properties } = schema;
  return isObject(properties) ? properties : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

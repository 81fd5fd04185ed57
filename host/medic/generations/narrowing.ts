import type { Json, JsonSchema } from '@clay/sdk';

/**
 * What callers of the old parameters could no longer do with the new ones; null when every call that fitted still
 * fits, as far as properties, requirements, types and choices tell.
 */
export function findNarrowing(before: JsonSchema | null, after: JsonSchema | null): string | null {
  if (before === null || after === null) return null;
  const [old, now] = [propertiesOf(before), propertiesOf(after)];
  const oldRequired = namesOf(before.required);
  for (const name of namesOf(after.required)) {
    if (!oldRequired.has(name)) return `"${name}" is required now`;
  }
  for (const [name, schema] of Object.entries(old)) {
    const next = Object.hasOwn(now, name) ? now[name]! : undefined;
    if (next === undefined) {
      if (after.additionalProperties === false) return `"${name}" is gone`;
      continue;
    }
    const lost = lostTypes(schema.type, next.type);
    if (lost.length > 0) return `"${name}" may no longer be ${lost.join(' or ')}`;
    const choices = lostChoices(schema.enum, next.enum);
    if (choices.length > 0) return `"${name}" may no longer be ${choices.join(' or ')}`;
  }
  return null;
}

function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? (properties as Readonly<Record<string, JsonSchema>>)
    : {};
}

function namesOf(list: Json | undefined): ReadonlySet<string> {
  return new Set(Array.isArray(list) ? list.map(String) : []);
}

function lostTypes(before: Json | undefined, after: Json | undefined): readonly string[] {
  if (after === undefined) return [];
  const allowed = toList(after);
  if (before === undefined) return ['of any type'];
  const isAllowed = (type: string) => allowed.includes(type) || (type === 'integer' && allowed.includes('number'));
  return toList(before).filter((type) => !isAllowed(type));
}

function lostChoices(before: Json | undefined, after: Json | undefined): readonly string[] {
  if (!Array.isArray(after)) return [];
  if (!Array.isArray(before)) return ['anything but its choices'];
  const allowed = new Set(after.map((one) => JSON.stringify(one)));
  return before.map((one) => JSON.stringify(one)).filter((one) => !allowed.has(one));
}

function toList(value: Json): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

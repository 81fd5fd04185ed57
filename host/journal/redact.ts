import type { Json, JsonObject } from '@clay/sdk';
import { type Redactor, redactedText } from '../policy/redaction/redactor.ts';

/** Longer arguments are cut in the journal: it tells what happened, the session keeps the whole. */
export const maxArgsChars = 16_384;

/**
 * Arguments as the journal keeps them: JSON text without the parameters that the schema hides and without the value of
 * any secret, wherever it stands.
 */
export function redactArgs(args: Json, hiddenNames: readonly string[], redactor: Pick<Redactor, 'text'>): string {
  const text = redactor.text(JSON.stringify(hiddenNames.length === 0 ? args : hideNamed(args, new Set(hiddenNames))));
  if (text.length <= maxArgsChars) return text;
  return JSON.stringify({ $cut: text.length, head: text.slice(0, maxArgsChars / 2) });
}

export function hideNamed(value: Json, names: ReadonlySet<string>): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => hideNamed(item, names));
  const entries = Object.entries(value as JsonObject).map(([name, member]): [string, Json] => [
    name,
    names.has(name) ? redactedText : hideNamed(member, names),
  ]);
  return Object.fromEntries(entries);
}

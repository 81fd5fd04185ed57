import type { Json, JsonObject } from '@clay/sdk';

/** Longer arguments are cut in the journal: it tells what happened, the session keeps the whole. */
export const maxArgsChars = 16_384;

const hidden = '[redacted]';

/**
 * Arguments as the journal keeps them: JSON text without the parameters that the schema hides and without the value of
 * any secret, wherever it stands.
 */
export function redactArgs(args: Json, hiddenNames: readonly string[], secrets: readonly string[]): string {
  let text = JSON.stringify(hiddenNames.length === 0 ? args : hideNamed(args, new Set(hiddenNames)));
  for (const secret of secrets) {
    // As it stands inside JSON text: quotes and backslashes of the secret are escaped there.
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped.length >= minSecretChars && text.includes(escaped)) text = text.replaceAll(escaped, hidden);
  }
  if (text.length <= maxArgsChars) return text;
  return JSON.stringify({ $cut: text.length, head: text.slice(0, maxArgsChars / 2) });
}

// Shorter values would blank out ordinary words.
const minSecretChars = 6;

function hideNamed(value: Json, names: ReadonlySet<string>): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => hideNamed(item, names));
  const entries = Object.entries(value as JsonObject).map(([name, member]): [string, Json] => [
    name,
    names.has(name) ? hidden : hideNamed(member, names),
  ]);
  return Object.fromEntries(entries);
}

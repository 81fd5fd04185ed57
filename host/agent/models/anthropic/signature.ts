import type { Part } from '../../event-json.ts';

/**
 * A thinking block is only valid at the provider that signed it. Signatures are stored with their origin,
 * `anthropic/<host>#<kind>:<signature>`, so that no other provider ever sees them.
 */
const pattern = /^anthropic\/([^#]*)#(signed|redacted):(.*)$/s;

export type SignedThought =
  | { readonly kind: 'signed'; readonly origin: string; readonly signature: string }
  | { readonly kind: 'redacted'; readonly origin: string; readonly data: string };

export function signedThoughtPart(origin: string, thinking: string, signature: string): Part {
  const part: Part = { thought: true, thoughtSignature: `anthropic/${origin}#signed:${signature}` };
  // An event whose first part has an empty text is dropped by the engine, and with it the calls that follow.
  if (thinking !== '') part.text = thinking;
  return part;
}

export function redactedThoughtPart(origin: string, data: string): Part {
  return { thought: true, thoughtSignature: `anthropic/${origin}#redacted:${data}` };
}

export function parseThoughtSignature(value: string | undefined): SignedThought | undefined {
  const match = value === undefined ? null : pattern.exec(value);
  if (!match) return undefined;
  const [, origin, kind, rest] = match as unknown as [string, string, string, string];
  return kind === 'redacted' ? { kind, origin, data: rest } : { kind: 'signed', origin, signature: rest };
}

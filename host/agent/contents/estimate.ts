import type { Part } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';

/** Characters that stand for one token, on average over languages and JSON. */
const charactersPerToken = 4;
/** What a message costs beyond its text. */
const tokensPerEvent = 8;

export function estimateTokens(event: LiveEvent): number {
  const parts = event.content?.parts ?? [];
  if (parts.length === 0) return 0;
  const characters = parts.reduce((sum, part) => sum + partLength(part), 0);
  return tokensPerEvent + Math.ceil(characters / charactersPerToken);
}

function partLength(part: Part): number {
  if (part.text !== undefined) return part.text.length;
  if (part.functionCall) return JSON.stringify(part.functionCall).length;
  if (part.functionResponse) return JSON.stringify(part.functionResponse).length;
  // Providers count a picture or page as about a thousand tokens, whatever its bytes.
  return part.inlineData ? 1_000 * charactersPerToken : 0;
}

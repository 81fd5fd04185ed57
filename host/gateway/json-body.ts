import { Refusal } from './refusal.ts';

/**
 * The body of a request; empty is `undefined`, for clients that send `Content-Type: application/json` and nothing
 * else. Keys that would reach a prototype are refused rather than dropped, so that nobody wonders where they went.
 */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, refusePrototypeKeys);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('BAD_JSON', `The body is not valid JSON: ${(error as Error).message}.`);
  }
}

function refusePrototypeKeys(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new Refusal('BAD_JSON', 'The body has a key "__proto__", which is not allowed.');
  return value;
}

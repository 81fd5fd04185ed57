import type { JsonObject } from '@clay/sdk';
import type { ToolResponse } from './tool-response.ts';

/** So many equal calls with equal results are made; the next one is answered with advice in place of a run. */
export const maxEqualCalls = 4;

interface Seen {
  readonly result: string;
  readonly times: number;
}

/** Notices a model that makes the same call again and again and learns nothing new. */
export class RepeatGuard {
  readonly #seen = new Map<string, Seen>();

  /** Advice for the model, when this call has brought the same result too often. */
  check(name: string, args: JsonObject): ToolResponse | undefined {
    const seen = this.#seen.get(keyOf(name, args));
    if (!seen || seen.times < maxEqualCalls) return undefined;
    return {
      error:
        `You have called ${name} ${seen.times} times with exactly these arguments and got the same result each time, ` +
        'so it was not run again. Use the result you have, change the arguments, or tell the person what is in the way.',
      code: 'CONFLICT',
    };
  }

  note(name: string, args: JsonObject, response: ToolResponse): void {
    const key = keyOf(name, args);
    const result = JSON.stringify(response);
    const before = this.#seen.get(key);
    this.#seen.set(key, { result, times: before?.result === result ? before.times + 1 : 1 });
  }
}

function keyOf(name: string, args: JsonObject): string {
  return `${name} ${JSON.stringify(args, sortedKeys)}`;
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

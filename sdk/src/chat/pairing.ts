import { randomInt } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Store } from '../store.ts';

/** Without letters that are mistaken for digits. 31^8 codes. */
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const codeLength = 8;
const codeLifeMs = 15 * 60_000;
/** Wrong codes before the code is void. */
const maxTries = 10;
const strangerMs = 24 * 3_600_000;
/** More in a day are no persons. */
const mostGreeted = 1000;
const pairedKey = 'paired';
const greetedKey = 'greeted';

/**
 * Lets people of a chat in by a code that works once, and remembers whom a connector has told that they are not. Who is in
 * stays in the plugin's store; a code lives as long as the process.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { definePlugin, Pairing } from '@clay/sdk';
 * import { createTestHost } from '@clay/sdk/testing';
 *
 * const chat = definePlugin({
 *   name: 'chat',
 *   setup(ctx) {
 *     const pairing = new Pairing(ctx.store, ctx.clock);
 *     ctx.command({ name: 'pair', description: 'Gives a code.', run: () => pairing.issue() });
 *     ctx.command({
 *       name: 'say',
 *       description: 'Ada says something.',
 *       run: async (text) => ((await pairing.redeem('ada', text)) ? 'You are in.' : String(await pairing.paired())),
 *     });
 *   },
 * });
 *
 * await using host = await createTestHost(chat);
 * const code = await host.command('pair');
 * assert.equal(await host.command('say', code), 'You are in.');
 * assert.equal(await host.command('say', code), 'ada');
 * ```
 */
export class Pairing {
  readonly #store: Store;
  readonly #clock: Clock;
  #code: { readonly text: string; readonly endsAt: number; tries: number } | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Ids of all whom a code has let in. */
  async paired(): Promise<readonly string[]> {
    const stored = await this.#store.get(pairedKey);
    return Array.isArray(stored) ? stored.map(String) : [];
  }

  /** A new code; the one before no longer works. `lifeMs`: default a quarter of an hour. */
  issue(lifeMs: number = codeLifeMs): string {
    const text = Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join('');
    this.#code = { text, endsAt: this.#clock.now() + lifeMs, tries: 0 };
    return text;
  }

  /** Whether a private message is the code; then its sender is let in, and the code is used up. */
  async redeem(user: string, text: string): Promise<boolean> {
    const code = this.#code;
    const [, typed] = /^(?:\/start\s+)?([A-Za-z0-9]{8})\s*$/.exec(text.trim()) ?? [];
    if (code === null || typed === undefined) return false;
    if (typed.toUpperCase() !== code.text || this.#clock.now() > code.endsAt) {
      code.tries++;
      if (code.tries >= maxTries) this.#code = null;
      return false;
    }
    this.#code = null;
    await this.#store.set(pairedKey, [...new Set([...(await this.paired()), user])]);
    return true;
  }

  /** True once a day for each stranger, as long as they are no crowd. */
  async mayGreet(user: string): Promise<boolean> {
    const now = this.#clock.now();
    const greeted = ((await this.#store.get(greetedKey)) ?? []) as [string, number][];
    const lately = greeted.filter(([, at]) => now - at < strangerMs);
    if (lately.length >= mostGreeted || lately.some(([one]) => one === user)) return false;
    await this.#store.set(greetedKey, [...lately, [user, now]]);
    return true;
  }
}

import { randomInt } from 'node:crypto';
import type { Clock, Store } from '@clay/sdk';

/** Without letters that are mistaken for digits. 31^8 codes. */
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const codeLength = 8;
const codeLifeMs = 15 * 60_000;
/** Wrong codes before the code is void. */
const maxTries = 10;
const strangerMs = 24 * 3_600_000;
const pairedKey = 'paired';

/** Lets people in by a code that works once, and remembers whom it has told that they are not. */
export class Pairing {
  readonly #store: Store;
  readonly #clock: Clock;
  #code: { readonly text: string; readonly endsAt: number; tries: number } | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

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

  /** True once a day for each stranger. */
  async mayGreet(user: string): Promise<boolean> {
    const key = `stranger:${user}`;
    const last = await this.#store.get(key);
    const now = this.#clock.now();
    if (typeof last === 'number' && now - last < strangerMs) return false;
    await this.#store.set(key, now);
    return true;
  }
}

import type { Clock } from '@clay/sdk';
import { Refusal } from '../refusal.ts';
import type { Claims } from './claims.ts';

/**
 * A token that controls the claw is good for one request. Which were used is kept in memory, so a token that is older than
 * this host is refused too: it may have been used before.
 */
export class SpentTokens {
  readonly #clock: Clock;
  readonly #since: number;
  readonly #spent = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    // Tokens tell their time in whole seconds.
    this.#since = Math.floor(clock.now() / 1000) * 1000;
  }

  /** @throws Refusal `TOKEN_SPENT` */
  spend({ id, issuedAt, expiresAt }: Claims): void {
    const now = this.#clock.now();
    for (const [spent, until] of this.#spent) if (until < now) this.#spent.delete(spent);
    if (issuedAt < this.#since)
      throw new Refusal('TOKEN_SPENT', 'The token was issued before this host started. Ask for another one.');
    if (this.#spent.has(id))
      throw new Refusal(
        'TOKEN_SPENT',
        'The token was used before: one that controls the claw is good for one request.',
      );
    this.#spent.set(id, expiresAt + graceMs);
  }
}

/** The clocks of issuer and claw differ; a token may be taken for so long after its end. */
const graceMs = 60_000;

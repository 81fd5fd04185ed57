import type { Clock } from '@clay/sdk';
import { z } from '../../schema.ts';
import type { Settings } from '../../store/store.ts';
import type { Claims } from './claims.ts';

const row = z.object({
  kind: z.enum(['token', 'subject']),
  name: z.string(),
  /** Tokens issued until then are meant. */
  at: z.number(),
});

/** One token by its `jti`, or all that a subject has been given so far. */
export type Revocation = z.output<typeof row>;

const key = 'auth.revocations';
/** Longer than any token that the claw takes is good for. */
const keptMs = 20 * 60_000;

/** Tokens that are refused before they end; kept over restarts until none of them could be good any more. */
export class Revocations {
  readonly #settings: Settings;
  readonly #clock: Clock;

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  list(): readonly Revocation[] {
    const oldest = this.#clock.now() - keptMs;
    return z
      .array(row)
      .parse(this.#settings.get(key) ?? [])
      .filter(({ at }) => at > oldest);
  }

  add({ kind, name }: Pick<Revocation, 'kind' | 'name'>): Revocation {
    const added = { kind, name, at: this.#clock.now() };
    this.#settings.set(key, [...this.list(), added]);
    return added;
  }

  covers({ id, subject, issuedAt }: Claims): boolean {
    return this.list().some(({ kind, name, at }) =>
      kind === 'token' ? name === id : name === subject && issuedAt <= at,
    );
  }
}

import { createHash, randomBytes } from 'node:crypto';
import type { CallSession, Clock } from '@clay/sdk';

/** What somebody may ask of the model by the endpoint. */
export interface Grant {
  readonly plugin: string;
  /** The conversation that pays; null outside of all. */
  readonly session: CallSession | null;
  /** The one model that it may name. */
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly maxCalls: number;
}

export interface OpenGrant extends Grant {
  /** Model calls so far. */
  calls: number;
  readonly open: Set<AbortController>;
}

/** The tokens that are good now. Only their hashes are kept, so no lookup tells by its time how close a guess was. */
export class Grants {
  readonly #clock: Clock;
  readonly #byHash = new Map<string, OpenGrant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(grant: Grant): string {
    this.#dropExpired();
    const token = `clay-${randomBytes(32).toString('base64url')}`;
    this.#byHash.set(hash(token), { ...grant, calls: 0, open: new Set() });
    return token;
  }

  find(token: string): OpenGrant | undefined {
    this.#dropExpired();
    return this.#byHash.get(hash(token));
  }

  /** Calls that are open under it are aborted. False when there was none of this plugin. */
  end(token: string, plugin: string): boolean {
    const key = hash(token);
    const grant = this.#byHash.get(key);
    if (grant?.plugin !== plugin) return false;
    this.#byHash.delete(key);
    abortAll(grant);
    return true;
  }

  endAll(): void {
    for (const grant of this.#byHash.values()) abortAll(grant);
    this.#byHash.clear();
  }

  /** A call that has begun may end: it has a deadline of its own. */
  #dropExpired(): void {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#byHash) if (expiresAt <= now) this.#byHash.delete(key);
  }
}

function abortAll({ open }: OpenGrant): void {
  for (const controller of open) controller.abort(new Error('the grant has ended'));
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

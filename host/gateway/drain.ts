import { Refusal } from './refusal.ts';

/** Seconds after which a client may try again: a restart takes less. */
const retryAfterSeconds = 5;

/** Once begun, nothing that would start a turn is let in; what is open goes on. */
export class Drain {
  #isDraining = false;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  begin(): void {
    this.#isDraining = true;
  }

  /** Throws while draining. */
  admit(): void {
    if (!this.#isDraining) return;
    throw new Refusal('DRAINING', 'The host is stopping and takes no new turns. Try again in a moment.', {
      'retry-after': String(retryAfterSeconds),
    });
  }
}

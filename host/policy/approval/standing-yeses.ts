import type { CallSession, Clock, Json, JsonObject } from '@clay/sdk';
import type { Settings } from '../../store/store.ts';

const settingName = 'approvals.standing';
/** The oldest go first. */
const maxKept = 200;

/** A yes that holds for a conversation, until somebody takes it back. */
export interface StandingYes extends JsonObject {
  readonly number: number;
  readonly capability: string;
  readonly rule: string;
  readonly user: string;
  readonly session: string;
  /** Who said it. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Kept in the database, so that a conversation goes on over a restart as it was. */
export class StandingYeses {
  readonly #settings: Pick<Settings, 'get' | 'set'>;
  readonly #clock: Clock;

  constructor(settings: Pick<Settings, 'get' | 'set'>, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  list(): readonly StandingYes[] {
    const stored: Json | undefined = this.#settings.get(settingName);
    return Array.isArray(stored) ? (stored as unknown as readonly StandingYes[]) : [];
  }

  covers(capability: string, rule: string, session: CallSession): boolean {
    return this.list().some(
      (one) =>
        one.capability === capability && one.rule === rule && one.user === session.user && one.session === session.id,
    );
  }

  add(capability: string, rule: string, session: CallSession, by: string): void {
    const kept = this.list();
    const number = Math.max(0, ...kept.map((one) => one.number)) + 1;
    const yes = { number, capability, rule, user: session.user, session: session.id, by, at: this.#clock.now() };
    this.#settings.set(settingName, [...kept, yes].slice(-maxKept));
  }

  /** False when there is none of this number. */
  revoke(number: number): boolean {
    const kept = this.list();
    const left = kept.filter((one) => one.number !== number);
    if (left.length < kept.length) this.#settings.set(settingName, [...left]);
    return left.length < kept.length;
  }
}

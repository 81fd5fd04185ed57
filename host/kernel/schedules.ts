import type { Clock, Json, JsonObject, Log } from '@clay/sdk';
import type { Capability, Registry } from '../registry/registry.ts';
import { nextRun, parseCron } from './cron.ts';

export interface SchedulesOptions {
  readonly registry: Registry;
  readonly call: (capability: string) => Promise<Json>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Armed {
  readonly when: string;
  cancel: () => void;
  isRunning: boolean;
}

/** Timers overflow beyond 24.8 days, and a wall clock may be set: a long wait is made of short ones. */
const maxWaitMs = 3_600_000;

/**
 * Runs the schedules that are provided now. A run that is still going when its next time comes is not doubled. Times
 * that pass while the claw is down are not made up for.
 */
export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #armed = new Map<string, Armed>();
  readonly #stopListening: () => void;

  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#stopListening = options.registry.onChange(() => this.#follow());
    this.#follow();
  }

  stop(): void {
    this.#stopListening();
    for (const { cancel } of this.#armed.values()) cancel();
    this.#armed.clear();
  }

  #follow(): void {
    const wanted = new Map(this.#options.registry.list('schedule').map((one) => [one.fullName, one]));
    for (const [name, armed] of this.#armed) {
      const when = wanted.get(name);
      if (when !== undefined && whenOf(when) === armed.when) continue;
      armed.cancel();
      this.#armed.delete(name);
    }
    for (const [name, capability] of wanted) if (!this.#armed.has(name)) this.#arm(name, capability);
  }

  #arm(name: string, { details, fullName }: Capability): void {
    const { clock, log } = this.#options;
    let next: (after: number) => number | null;
    try {
      next = timesOf(details);
    } catch (error) {
      log.error('schedule.refused', {
        schedule: fullName,
        error: error instanceof Error ? error.message : String(error),
      });
      return;
    }
    const armed: Armed = { when: JSON.stringify(details), cancel: () => {}, isRunning: false };
    const wait = (at: number): void => {
      armed.cancel = clock.after(Math.min(at - clock.now(), maxWaitMs), () => {
        if (clock.now() < at) return wait(at);
        const following = next(clock.now());
        if (following !== null) wait(following);
        this.#run(name, armed);
      });
    };
    const first = next(clock.now());
    if (first === null) {
      log.warn('schedule.never', { schedule: fullName });
      return;
    }
    this.#armed.set(name, armed);
    wait(first);
  }

  #run(name: string, armed: Armed): void {
    const { call, log } = this.#options;
    if (armed.isRunning) {
      log.warn('schedule.skipped', { schedule: name, reason: 'the last run is still going' });
      return;
    }
    armed.isRunning = true;
    call(name)
      .catch((error) =>
        log.error('schedule.failed', { schedule: name, error: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => {
        armed.isRunning = false;
      });
  }
}

function whenOf({ details }: Capability): string {
  return JSON.stringify(details);
}

function timesOf(details: JsonObject): (after: number) => number | null {
  if (typeof details.cron === 'string') {
    const cron = parseCron(details.cron);
    return (after) => nextRun(cron, after);
  }
  const everyMs = Number(details.everyMs);
  return (after) => after + everyMs;
}

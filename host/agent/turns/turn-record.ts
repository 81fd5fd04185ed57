import { setMaxListeners } from 'node:events';
import { eventText } from '../contents/calls.ts';
import type { EventJson } from '../event-json.ts';
import type { Turn, TurnEvent, TurnOutcome, TurnRequest } from './turn.ts';

/** Partial events that are kept for a client that comes back; whole events always are. */
const maxPartials = 2_000;

/** Why a turn is cut short that nobody wanted to end. */
export class HostStopping extends Error {
  override readonly name = 'HostStopping';

  constructor() {
    super('the host is stopping');
  }
}

/** One turn as its watchers see it: it goes on whether anybody watches or not. */
export class TurnRecord implements Turn {
  readonly id: string;
  readonly app: string;
  readonly user: string;
  readonly session: string;
  /** Begun by an earlier process: what the person said is in the database. */
  readonly isResumed: boolean;
  readonly done: Promise<TurnOutcome>;
  readonly #controller = new AbortController();
  readonly #finish: (outcome: TurnOutcome) => void;
  #events: TurnEvent[] = [];
  #nextId = 1;
  #partials = 0;
  #unfinishedText = '';
  #outcome: TurnOutcome | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(id: string, { app, user, session }: TurnRequest, isResumed: boolean) {
    this.id = id;
    this.isResumed = isResumed;
    // Every call and every model request of the turn listens; that is no leak.
    setMaxListeners(0, this.#controller.signal);
    this.app = app;
    this.user = user;
    this.session = session;
    const { promise, resolve } = Promise.withResolvers<TurnOutcome>();
    this.done = promise;
    this.#finish = resolve;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isEnded(): boolean {
    return this.#outcome !== undefined;
  }

  cancel(reason: string): void {
    this.#controller.abort(new Error(reason));
  }

  /** The host stops: the turn is parked when the next one can go on with it, else cancelled. */
  interrupt(): void {
    this.#controller.abort(new HostStopping());
  }

  push(event: EventJson): void {
    this.#events.push({ id: this.#nextId++, event });
    if (event.isolationScope === undefined) {
      this.#unfinishedText = event.partial ? this.#unfinishedText + eventText(event) : '';
    }
    if (event.partial && ++this.#partials > maxPartials) this.#dropPartials();
    this.#notify();
  }

  wholeEvents(): EventJson[] {
    return this.#events.map(({ event }) => event).filter(({ partial }) => !partial);
  }

  /** What was shown of an answer that has not come whole. */
  get unfinishedText(): string {
    return this.#unfinishedText;
  }

  /** Nobody comes back to watch the pieces of a turn that ended long ago. */
  forgetPartials(): void {
    this.#events = this.#events.filter(({ event }) => !event.partial);
  }

  end(outcome: TurnOutcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#finish(outcome);
    this.#notify();
  }

  async *events(afterId = 0, signal?: AbortSignal): AsyncGenerator<TurnEvent, void, void> {
    const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    for (let last = afterId; !signal?.aborted; ) {
      const changed = this.#changed.promise;
      const next = this.#firstAfter(last);
      if (next) {
        last = next.id;
        yield next;
      } else if (this.#outcome) return;
      else await Promise.race([changed, aborted]);
    }
  }

  #firstAfter(id: number): TurnEvent | undefined {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.id <= id) low = middle + 1;
      else high = middle;
    }
    return this.#events[low];
  }

  /** Half of them, so that this is rare. */
  #dropPartials(): void {
    let surplus = maxPartials / 2;
    this.#events = this.#events.filter(({ event }) => !event.partial || surplus-- <= 0);
    this.#partials = maxPartials / 2 + 1;
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

import type { JsonObject } from '@clay/sdk';
import type { SessionKey } from '../../store/session-store.ts';
import { estimateTokens } from '../contents/estimate.ts';
import type { EventJson } from '../event-json.ts';

/** A whole event; never changed once it is here, so that what was made of it can be kept. */
export type LiveEvent = Readonly<EventJson>;

/**
 * The part of a conversation that the model still sees: a summary of what came before, and every event since. The database
 * has all events; this window is what a turn needs, kept so that a turn of a long session loads nothing.
 */
export class LiveSession {
  readonly key: SessionKey;
  readonly state: Record<string, unknown>;
  #events: LiveEvent[];
  #summary: string | null;
  /** Estimated tokens of the main conversation since the last count that a provider stated. */
  #estimate = 0;
  #counted = 0;

  constructor(
    key: SessionKey,
    state: JsonObject,
    summary: string | null,
    events: readonly LiveEvent[],
    countedSince = 0,
  ) {
    this.key = key;
    this.state = { ...state };
    this.#summary = summary;
    this.#events = [...events];
    this.#recount(countedSince);
  }

  get events(): readonly LiveEvent[] {
    return this.#events;
  }

  get summary(): string | null {
    return this.#summary;
  }

  /** Tokens that the next model call will be sent, as far as known. */
  get tokens(): number {
    return this.#counted + this.#estimate;
  }

  append(event: LiveEvent): void {
    // An event is replaced in its place when it comes again; that only ever concerns the newest ones.
    const index = this.#events.findLastIndex((known, at) => at > this.#events.length - 8 && known.id === event.id);
    if (index >= 0) this.#events[index] = event;
    else this.#events.push(event);
    this.#count(event);
  }

  /** Puts a summary in the place of all events before `start`. */
  compact(summary: string, start: number): void {
    this.#summary = summary;
    this.#events = this.#events.slice(start);
    // What a provider counted before counted the events that are gone.
    this.#recount(Number.POSITIVE_INFINITY);
  }

  #recount(countedSince: number): void {
    this.#counted = 0;
    this.#estimate = this.#summary === null ? 0 : Math.ceil(this.#summary.length / 4);
    for (const event of this.#events) this.#count(event, event.timestamp >= countedSince);
  }

  #count(event: LiveEvent, isCountValid = true): void {
    if (event.isolationScope !== undefined) return;
    const prompt = event.usageMetadata?.promptTokenCount;
    if (isCountValid && prompt) {
      this.#counted = prompt + (event.usageMetadata?.candidatesTokenCount ?? 0);
      this.#estimate = 0;
    } else {
      this.#estimate += estimateTokens(event);
    }
  }
}

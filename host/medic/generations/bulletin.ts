import type { CallSession, Clock, Log } from '@clay/sdk';
import { messageOf } from '../../generations/phase.ts';
import type { GenerationState } from '../../generations/state.ts';
import type { News } from './medic.ts';

/** Tells whoever listens what has become of generations, and whose conversation each was made in. */
export class Bulletin {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners = new Set<(news: News) => void>();
  readonly #sessions = new Map<string, CallSession>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  listen(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** This generation was made in this conversation, which hears of it. */
  made(plugin: string, generation: number, session: CallSession): void {
    this.#sessions.set(`${plugin}#${generation}`, session);
  }

  session(plugin: string, generation: number): CallSession | null {
    return this.#sessions.get(`${plugin}#${generation}`) ?? null;
  }

  forget(plugin: string, generations: readonly number[]): void {
    for (const generation of generations) this.#sessions.delete(`${plugin}#${generation}`);
  }

  tell(plugin: string, generation: number, kind: News['kind'], state: GenerationState, text: string): void {
    const session = this.session(plugin, generation);
    const news: News = { plugin, generation, kind, state, text, at: this.#clock.now(), session };
    for (const listener of this.#listeners) {
      try {
        listener(news);
      } catch (error) {
        this.#log.error('news.listener.failed', { error: messageOf(error) });
      }
    }
  }
}

import type { CallSession } from '@clay/sdk';
import type { Spender } from './budget.ts';

/** Why a turn was begun. */
export type TurnOrigin = Pick<Spender, 'startedBy' | 'schedule'>;

const person: TurnOrigin = { startedBy: '', schedule: '' };

/** Who began the turns that run now: whoever asks the model within one spends for them too. */
export class TurnOrigins {
  readonly #running = new Map<string, TurnOrigin>();

  /** `caller` as the router writes it. Undone by {@link end}. */
  begin(turn: string, caller: string, schedule = ''): void {
    const [, startedBy = ''] = /^plugin:(.+)$/.exec(caller) ?? [];
    this.#running.set(turn, { startedBy, schedule });
  }

  end(turn: string): void {
    this.#running.delete(turn);
  }

  spender(session: CallSession | null, plugin: string): Spender {
    return { user: session?.user ?? '', plugin, ...(this.#running.get(session?.turn ?? '') ?? person) };
  }
}

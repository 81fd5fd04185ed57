import type { Json } from '@clay/sdk';
import type { Settings } from '../store/store.ts';
import { jsonField } from './json-field.ts';

const settingName = 'delivery.started-turns';
/** The journal answers for older ones. */
const maxKept = 200;

/** A turn that a plugin began. */
export interface StartedTurn {
  readonly turn: string;
  readonly user: string;
  readonly session: string;
}

/** Which turn was begun under which key, kept in the database so that a caller whose host died finds it again. */
export class StartedTurns {
  readonly #settings: Pick<Settings, 'get' | 'set'>;
  #turns: Map<string, StartedTurn> | undefined;

  constructor(settings: Pick<Settings, 'get' | 'set'>) {
    this.#settings = settings;
  }

  get(key: string): StartedTurn | undefined {
    return this.#load().get(key);
  }

  add(key: string, turn: StartedTurn): void {
    const turns = this.#load();
    turns.delete(key);
    turns.set(key, turn);
    for (const oldest of turns.keys()) {
      if (turns.size <= maxKept) break;
      turns.delete(oldest);
    }
    this.#settings.set(
      settingName,
      [...turns].map(([name, { turn: id, user, session }]) => ({ key: name, turn: id, user, session })),
    );
  }

  #load(): Map<string, StartedTurn> {
    this.#turns ??= new Map(parse(this.#settings.get(settingName)));
    return this.#turns;
  }
}

function parse(stored: Json | undefined): [string, StartedTurn][] {
  if (!Array.isArray(stored)) return [];
  return (stored as readonly Json[]).map((entry) => {
    const [key, turn, user, session] = ['key', 'turn', 'user', 'session'].map((name) => String(jsonField(entry, name)));
    return [key!, { turn: turn!, user: user!, session: session! }];
  });
}

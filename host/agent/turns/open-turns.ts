import type { Json, JsonObject } from '@clay/sdk';
import type { Settings } from '../../store/store.ts';

const settingName = 'agent.open-turns';

/** A turn that has begun and not ended, as the database knows it. */
export interface OpenTurn {
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly caller: string;
  readonly schedule?: string | undefined;
  /** How often it was begun. A turn that takes the host down each time must not do so for ever. */
  readonly attempts: number;
}

/** Which turns are open, kept in the database so that a new process can go on with them. */
export class OpenTurns {
  readonly #settings: Settings;
  readonly #open = new Map<string, OpenTurn>();
  /** Of an earlier process, and not taken over yet: new turns begin before that, and must not make it forgotten. */
  readonly #left = new Map<string, OpenTurn>();

  constructor(settings: Settings) {
    this.#settings = settings;
    const stored = settings.get(settingName);
    for (const [id, turn] of Object.entries(isObject(stored) ? stored : {})) {
      const open = parse(turn);
      if (open) this.#left.set(id, open);
    }
  }

  /** What an earlier process left open; from now on it is this process's to close. */
  takeOver(): ReadonlyMap<string, OpenTurn> {
    for (const [id, turn] of this.#left) this.#open.set(id, turn);
    this.#left.clear();
    return new Map(this.#open);
  }

  begin(id: string, turn: OpenTurn): void {
    this.#open.set(id, turn);
    this.save();
  }

  /** Written with the next change: until then a new process finds a turn whose last event ends it, and leaves it alone. */
  end(id: string): void {
    this.#open.delete(id);
  }

  save(): void {
    const open = Object.fromEntries([...this.#left, ...this.#open].map(([id, turn]) => [id, toJson(turn)]));
    this.#settings.set(settingName, open);
  }
}

function toJson({ schedule, ...turn }: OpenTurn): JsonObject {
  return schedule === undefined ? { ...turn } : { ...turn, schedule };
}

function parse(value: Json): OpenTurn | undefined {
  if (!isObject(value)) return undefined;
  const { app, user, session, caller, schedule, attempts } = value;
  if (typeof app !== 'string' || typeof user !== 'string' || typeof session !== 'string') return undefined;
  const begun = { app, user, session, caller: String(caller), attempts: Number(attempts) || 1 };
  return typeof schedule === 'string' ? { ...begun, schedule } : begun;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

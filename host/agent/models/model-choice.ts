import { ClayError } from '@clay/sdk';
import type { Settings } from '../../store/store.ts';
import type { Models } from './models.ts';

/** Which model each user's conversations think with. Kept; what the configuration no longer names counts as not chosen. */
export class ModelChoice {
  readonly #settings: Settings;
  readonly #models: Pick<Models, 'names' | 'defaultName'>;

  constructor(settings: Settings, models: Pick<Models, 'names' | 'defaultName'>) {
    this.#settings = settings;
    this.#models = models;
  }

  /** All there are, the default first. */
  get names(): readonly string[] {
    return this.#models.names;
  }

  of(user: string): string {
    const chosen = this.#settings.get(settingOf(user));
    return this.names.find((name) => name === chosen) ?? this.#models.defaultName;
  }

  /** Throws `NOT_FOUND` with the names that there are. */
  choose(user: string, name: string): void {
    if (!this.names.includes(name))
      throw new ClayError(
        'NOT_FOUND',
        `There is no model ${JSON.stringify(name)} here; there is ${this.names.join(', ')}.`,
      );
    if (name === this.#models.defaultName) this.#settings.delete(settingOf(user));
    else this.#settings.set(settingOf(user), name);
  }
}

function settingOf(user: string): string {
  return `model.of:${user}`;
}

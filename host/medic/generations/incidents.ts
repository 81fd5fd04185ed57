import type { Log } from '@clay/sdk';
import type { Death } from '../../generations/build.ts';
import { messageOf } from '../../generations/phase.ts';
import type { PluginFailure } from '../../generations/plugin-failure.ts';
import type { GenerationJournal } from '../../journal/journal.ts';
import type { Bulletin } from './bulletin.ts';
import type { Incident } from './medic-options.ts';
import type { Records } from './records.ts';
import type { Started } from './starter.ts';

export interface IncidentsOptions {
  readonly journal: GenerationJournal;
  readonly log: Log;
  readonly records: Records;
  readonly bulletin: Bulletin;
  readonly report: (incident: Incident) => void;
  /** A place as its author knows it. Default: as it is. */
  readonly place?: (location: string) => string;
}

/** What went wrong: the last of each plugin at hand, all of it in logs and journal. */
export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #failures = new Map<string, PluginFailure>();

  constructor(options: IncidentsOptions) {
    this.#options = options;
  }

  failure(plugin: string): PluginFailure | null {
    return this.#failures.get(plugin) ?? null;
  }

  /** A place in the author's source, as the author knows it. */
  place(location: string | null): string | null {
    const { place } = this.#options;
    return location === null || place === undefined ? location : place(location);
  }

  remember(plugin: string, failure: PluginFailure): void {
    this.#failures.set(plugin, failure);
  }

  forget(plugin: string): void {
    this.#failures.delete(plugin);
  }

  log({ plugin, generation }: Started, { phase, code, message, location }: PluginFailure): void {
    this.#options.log.error('plugin.failed', { plugin, generation, phase, code, error: message, location });
  }

  crash({ plugin, generation }: Started, phase: string, { signature, message }: Death): void {
    const hash = this.#hashOf(plugin, generation);
    this.note(() => this.#options.journal.crash({ plugin, generation, hash, phase, signature, message }));
  }

  report(
    { plugin, generation }: Started,
    category: Incident['category'],
    message: string,
    more: Partial<Pick<Incident, 'location' | 'death'>> = {},
  ): void {
    const { bulletin, report } = this.#options;
    const { location = null, death = null } = more;
    const hash = this.#hashOf(plugin, generation);
    const session = bulletin.session(plugin, generation);
    this.note(() => report({ plugin, generation, hash, category, message, location, death, session }));
  }

  /** What has to stop stops, also on a full disk. */
  note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.log.error('journal.write.failed', { error: messageOf(error) });
    }
  }

  #hashOf(plugin: string, generation: number): string {
    return this.#options.records.find(plugin, generation)?.hash ?? '';
  }
}

export function describeFailure({ phase, message, location }: PluginFailure): string {
  return `${message}${location === null || message.includes(location) ? '' : ` (${location})`} [${phase}]`;
}

import { ClayError, type Log } from '@clay/sdk';
import { messageOf } from '../../generations/phase.ts';
import { takesCalls } from '../../generations/state.ts';
import type { CapabilityTable } from '../../registry/capability-table.ts';
import type { Life } from './life.ts';
import { Outcomes } from './outcomes.ts';
import type { Records } from './records.ts';

export interface ServingOptions {
  readonly table: CapabilityTable;
  readonly log: Log;
  readonly records: Records;
  readonly life: (plugin: string, generation: number) => Life | undefined;
  /** It serves from now on. */
  readonly onServing: (life: Life) => void;
  /** Nobody serves in this plugin's place any more. */
  readonly onGone: (plugin: string) => void;
}

/** Which life of each plugin takes calls now, and has its names. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #lives = new Map<string, Life>();
  readonly #arrivals = new Outcomes();
  #isStopped = false;

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  get lives(): ReadonlyMap<string, Life> {
    return this.#lives;
  }

  get(plugin: string): Life | undefined {
    return this.#lives.get(plugin);
  }

  /** Throws `UNAVAILABLE` or `PLUGIN_QUARANTINED` when none does. */
  require(plugin: string): Life {
    const life = this.#lives.get(plugin);
    if (life !== undefined) return life;
    const { records } = this.#options;
    const known = records.plugin(plugin);
    const wanted = records.wanted(plugin);
    const state = records.find(plugin, wanted)?.state;
    const isHeld = known !== undefined && wanted === null && known.quarantined.length > 0;
    throw new ClayError(
      isHeld ? 'PLUGIN_QUARANTINED' : 'UNAVAILABLE',
      `The plugin "${plugin}" is not running${state === undefined ? '' : ` (${state})`}.`,
    );
  }

  /** Resolves when somebody serves again, or nobody will; null when nobody is about to. */
  coming(plugin: string): Promise<void> | null {
    return this.#isComing(plugin) ? this.#arrivals.wait(plugin) : null;
  }

  /** The names of a plugin stand for the generation that the pointer names, if that one lives. Nothing is awaited here. */
  follow(plugin: string): void {
    const { table, log, records, life: lifeOf, onServing, onGone } = this.#options;
    const wanted = records.wanted(plugin);
    const life = wanted === null ? undefined : lifeOf(plugin, wanted);
    const next = life !== undefined && !life.isEnded && takesCalls(records.stateOf(life)) ? life : undefined;
    if (next === undefined) {
      const hasServed = this.#lives.delete(plugin);
      // Its names stay while it starts again: whoever calls them waits.
      if (this.#isComing(plugin)) return;
      if (hasServed) onGone(plugin);
      if (table.ofPlugin(plugin).length > 0) table.replace(plugin, []);
      this.#arrivals.end(plugin);
      return;
    }
    if (next === this.#lives.get(plugin)) return;
    this.#lives.set(plugin, next);
    this.#arrivals.end(plugin);
    try {
      table.replace(plugin, next.capabilities());
    } catch (error) {
      // A name that it had left free was taken meanwhile: the rest of it serves.
      log.error('generation.names.taken', { plugin, generation: next.generation, error: messageOf(error) });
      const free = next.capabilities().filter(({ fullName }) => (table.get(fullName)?.plugin ?? plugin) === plugin);
      table.replace(plugin, free);
    }
    onServing(next);
  }

  /** Nobody serves any more. Gives who did, the latest first. */
  stop(): readonly Life[] {
    this.#isStopped = true;
    const lives = [...this.#lives.values()].reverse();
    this.#lives.clear();
    this.#arrivals.endAll();
    return lives;
  }

  /** Nothing of it serves, and that is about to change. */
  #isComing(plugin: string): boolean {
    const { records } = this.#options;
    const wanted = records.find(plugin, records.wanted(plugin));
    if (wanted === undefined || this.#lives.has(plugin) || this.#isStopped) return false;
    return wanted.state === 'built' || wanted.state === 'staged';
  }
}

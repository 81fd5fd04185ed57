import { ClayError, type Clock, type Log } from '@clay/sdk';
import { messageOf } from '../../generations/phase.ts';
import type { GenerationState } from '../../generations/state.ts';
import type { GenerationJournal, GenerationMove } from '../../journal/journal.ts';
import type { GenerationHistory, History, PluginHistory } from '../history.ts';
import type { Rules } from '../rules.ts';
import type { Life } from './life.ts';
import type { GenerationStatus } from './medic.ts';
import { forgetOld, Memory } from './memory.ts';

export interface RecordsOptions {
  readonly journal: GenerationJournal;
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: Rules;
  /** Generations that are remembered of each plugin. */
  readonly keep: number;
  readonly forget: (plugin: string, generations: readonly number[]) => void;
}

/** What the medic knows of every generation, as the last decision left it. */
export class Records {
  readonly #options: RecordsOptions;
  readonly #memory: Memory;
  #history: History;

  constructor(options: RecordsOptions) {
    this.#options = options;
    this.#memory = new Memory(options.journal);
    this.#history = this.#memory.read();
  }

  get history(): History {
    return this.#history;
  }

  get plugins(): readonly string[] {
    return Object.keys(this.#history.plugins);
  }

  get isWatching(): boolean {
    return Object.values(this.#history.plugins).some((plugin) =>
      plugin.generations.some(({ state }) => state === 'probation'),
    );
  }

  /** Takes over what was decided about these plugins; `moves` null: it is not worth a row. */
  update(history: History, plugins: ReadonlySet<string>, moves: readonly GenerationMove[] | null): void {
    this.#history = this.#forget(history, plugins);
    if (moves === null) return;
    try {
      this.#memory.write(moves, this.#history, plugins);
    } catch (error) {
      // What has to stop stops, also on a full disk.
      this.#options.log.error('journal.write.failed', { error: messageOf(error) });
    }
  }

  plugin(name: string): PluginHistory | undefined {
    return Object.hasOwn(this.#history.plugins, name) ? this.#history.plugins[name] : undefined;
  }

  require(name: string): PluginHistory {
    const plugin = this.plugin(name);
    if (plugin !== undefined) return plugin;
    throw new ClayError('NOT_FOUND', `There is no plugin "${name}"; there are ${this.plugins.join(', ') || 'none'}.`);
  }

  find(plugin: string, generation: number | null): GenerationHistory | undefined {
    return this.plugin(plugin)?.generations.find((one) => one.generation === generation);
  }

  stateOf({ plugin, generation }: Pick<Life, 'plugin' | 'generation'>): GenerationState {
    return this.find(plugin, generation)?.state ?? 'stopped';
  }

  /** The generation that is meant to serve. */
  wanted(name: string): number | null {
    const plugin = this.plugin(name);
    if (plugin === undefined) return null;
    if (!this.#history.isSafeMode) return plugin.current;
    return plugin.generations.some((one) => one.generation === 0) ? 0 : null;
  }

  nextNumber(name: string): number {
    return Math.max(0, ...(this.plugin(name)?.generations.map((one) => one.generation) ?? [])) + 1;
  }

  /** By number, or by the beginning of a hash. */
  hashOf(name: string, which: string | number): string {
    const plugin = this.require(name);
    const hashes = [...plugin.generations.map((one) => one.hash), ...plugin.quarantined];
    const found =
      typeof which === 'number'
        ? this.find(name, which)?.hash
        : which === ''
          ? undefined
          : hashes.find((hash) => hash.startsWith(which));
    if (found !== undefined) return found;
    const known = plugin.generations.map((one) => `${one.generation} (${one.hash.slice(0, 12)})`).join(', ');
    throw new ClayError('NOT_FOUND', `"${name}" has no generation ${JSON.stringify(which)}; it has ${known}.`);
  }

  /** Newest first, by plugin. */
  statuses(plugin?: string): readonly GenerationStatus[] {
    const known = plugin === undefined ? Object.values(this.#history.plugins) : [this.require(plugin)];
    return [...known]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((one) => one.generations.map((generation) => this.#status(one, generation)).reverse());
  }

  #status(plugin: PluginHistory, one: GenerationHistory): GenerationStatus {
    const { journal, clock, rules } = this.#options;
    const row = journal.history(plugin.name, 200).find(({ generation }) => generation === one.generation);
    const { probation } = one;
    const watched = probation === null ? 0 : probation.watchedMs + Math.max(0, clock.now() - probation.since);
    return {
      plugin: plugin.name,
      generation: one.generation,
      hash: one.hash,
      state: one.state,
      isCurrent: this.wanted(plugin.name) === one.generation,
      isProven: one.isProven,
      isQuarantined: plugin.quarantined.includes(one.hash),
      at: row?.at ?? 0,
      reason: row?.reason ?? '',
      crashes: one.crashes.length,
      calls: one.calls,
      failedCalls: one.failedCalls,
      probationLeftMs: one.state === 'probation' ? Math.max(0, rules.probationMs - watched) : null,
    };
  }

  #forget(history: History, plugins: ReadonlySet<string>): History {
    const { keep, forget } = this.#options;
    let next = history;
    for (const name of plugins) {
      const known = history.plugins[name];
      if (known === undefined) continue;
      const { plugin, forgotten } = forgetOld(known, keep);
      if (forgotten.length === 0) continue;
      next = { ...next, plugins: { ...next.plugins, [name]: plugin } };
      forget(name, forgotten);
    }
    return next;
  }
}

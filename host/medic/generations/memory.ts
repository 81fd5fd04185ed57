import type { Json } from '@clay/sdk';
import type { GenerationJournal, GenerationMove } from '../../journal/journal.ts';
import { emptyHistory, type History, type PluginHistory } from '../history.ts';

/** Under this name stands what belongs to no plugin. */
const ofHost = '';

/** The medic's history, in the journal: rows that are written together with the transitions that lead there. */
export class Memory {
  readonly #journal: GenerationJournal;

  constructor(journal: GenerationJournal) {
    this.#journal = journal;
  }

  read(): History {
    const rows = this.#journal.histories();
    const plugins = [...rows].filter(([name]) => name !== ofHost).map(([name, row]) => [name, row as object]);
    return { ...emptyHistory, ...(rows.get(ofHost) as object | undefined), plugins: Object.fromEntries(plugins) };
  }

  write(moves: readonly GenerationMove[], history: History, plugins: ReadonlySet<string>): void {
    const { plugins: all, ...host } = history;
    const rows = new Map<string, Json>([[ofHost, host as unknown as Json]]);
    for (const name of plugins) {
      const plugin = Object.hasOwn(all, name) ? all[name] : undefined;
      if (plugin !== undefined) rows.set(name, plugin as unknown as Json);
    }
    this.#journal.decided(moves, rows);
  }
}

/** Generations beyond the newest ten that nobody would return to are forgotten; gives the rest and their numbers. */
export function forgetOld(
  plugin: PluginHistory,
  keep: number,
): { readonly plugin: PluginHistory; readonly forgotten: readonly number[] } {
  const returns = plugin.generations.map((one) => one.probation?.returnTo ?? null);
  const newest = new Set(plugin.generations.slice(-keep).map((one) => one.generation));
  const isKept = ({ generation, state }: PluginHistory['generations'][number]) =>
    generation === 0 ||
    newest.has(generation) ||
    generation === plugin.current ||
    returns.includes(generation) ||
    !['stopped', 'rejected', 'quarantined', 'rolled-back'].includes(state);
  const forgotten = plugin.generations.filter((one) => !isKept(one)).map((one) => one.generation);
  if (forgotten.length === 0) return { plugin, forgotten };
  return { plugin: { ...plugin, generations: plugin.generations.filter(isKept) }, forgotten };
}

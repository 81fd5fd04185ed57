import { ClayError, type Log } from '@clay/sdk';
import type { Admission, GenerationStatus, Medic } from '../../medic/generations/medic.ts';
import type { ScriptReport } from '../script/report.ts';
import { servingOf, statusOf } from './extension-status.ts';
import type { ExtensionStatus } from './extensions.ts';
import { type Extension, readExtension } from './kept-extension.ts';
import { LatestWork } from './latest-work.ts';

/** One name of the folder. */
export interface Entry {
  readonly work: LatestWork<Admission | null>;
  /** The script that was found good last. */
  extension: Extension | null;
  /** What passed its check and could not serve beside the others. */
  rejected: Candidate | null;
  /** What is wrong with the file as it lies there. */
  problem: string | null;
  /** Of the file as it lies there; null: there is no file, or one that is no script. */
  savedHash: string | null;
  hasFile: boolean;
}

export interface Candidate {
  readonly extension: Extension;
  readonly report: ScriptReport;
}

export interface ShelfOptions {
  readonly generations: string;
  readonly medic: Pick<Medic, 'generations'>;
  readonly log: Log;
  readonly ownerOf: (name: string) => string | null;
}

/** The names of the folder, and how each stands. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }

  /** Made when there is none. */
  entry(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry: Entry = {
      work: new LatestWork(),
      extension: null,
      rejected: null,
      problem: null,
      savedHash: null,
      hasFile: false,
    };
    this.#entries.set(name, entry);
    return entry;
  }

  drop(name: string): void {
    this.#entries.delete(name);
  }

  /** Sorted by name. */
  async list(): Promise<readonly ExtensionStatus[]> {
    const sorted = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return Promise.all(sorted.map(([name, entry]) => this.#status(name, entry)));
  }

  /** Throws `NOT_FOUND`, naming what there is. */
  async status(name: string): Promise<ExtensionStatus> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw this.unknown(name);
    return this.#status(name, entry);
  }

  generationsOf(name: string): readonly GenerationStatus[] {
    // What is known under another's name is not of ours.
    if (this.#options.ownerOf(name) !== null) return [];
    try {
      return this.#options.medic.generations(name);
    } catch (error) {
      if (error instanceof ClayError && error.code === 'NOT_FOUND') return [];
      throw error;
    }
  }

  unknown(name: string): ClayError {
    const names = [...this.#entries.keys()].sort().join(', ') || 'none';
    return new ClayError('NOT_FOUND', `There is no extension ${JSON.stringify(name)}. There are: ${names}.`);
  }

  async #status(name: string, entry: Entry): Promise<ExtensionStatus> {
    const generations = this.generationsOf(name);
    const serving = servingOf(generations);
    if (serving !== undefined && serving.hash !== entry.extension?.hash) await this.#remember(entry, serving);
    return statusOf(name, entry.extension?.outline ?? null, entry.problem, generations);
  }

  /** After a rollback an older script serves than the one that was saved last. */
  async #remember(entry: Entry, { plugin, generation }: GenerationStatus): Promise<void> {
    try {
      entry.extension = await readExtension(this.#options.generations, plugin, generation);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#options.log.error('extension.damaged', { extension: plugin, generation, error: problem });
    }
  }
}

import { takesCalls } from '../../generations/state.ts';
import type { GenerationJournal } from '../../journal/journal.ts';
import type { GenerationHistory } from '../history.ts';
import { describeFailure, type Incidents } from './incidents.ts';
import type { Admission } from './medic.ts';
import { Outcomes } from './outcomes.ts';
import type { Records } from './records.ts';
import type { Started } from './starter.ts';

/** Deploys of one plugin go one after another; whoever deploys hears when it is known whether it serves. */
export class Admissions {
  readonly #records: Records;
  readonly #incidents: Incidents;
  readonly #journal: GenerationJournal;
  readonly #outcomes = new Outcomes();
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(records: Records, incidents: Incidents, journal: GenerationJournal) {
    this.#records = records;
    this.#incidents = incidents;
    this.#journal = journal;
  }

  /** Runs when what was asked for before of this plugin has been admitted. */
  async inTurn<T>(plugin: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#queues.get(plugin) ?? Promise.resolve()).then(work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(plugin, settled);
    try {
      return await done;
    } finally {
      if (this.#queues.get(plugin) === settled) this.#queues.delete(plugin);
    }
  }

  /** Resolves when it serves, or is known not to. */
  async settled({ plugin, generation }: Started): Promise<void> {
    if (!isSettled(this.#records.find(plugin, generation))) await this.#outcomes.wait(`${plugin}#${generation}`);
  }

  moved({ plugin, generation }: Started): void {
    if (isSettled(this.#records.find(plugin, generation))) this.#outcomes.end(`${plugin}#${generation}`);
  }

  endAll(): void {
    this.#outcomes.endAll();
  }

  unchanged(plugin: string, hash: string): Admission {
    return { plugin, generation: this.#records.wanted(plugin) ?? 0, hash, state: 'unchanged', problem: null };
  }

  of({ plugin, generation }: Started): Admission {
    const one = this.#records.find(plugin, generation);
    const state = one?.state ?? 'stopped';
    const failure = this.#incidents.failure(plugin);
    const reason = this.#journal.history(plugin, 1)[0]?.reason ?? '';
    const problem = takesCalls(state) ? null : failure === null ? reason : describeFailure(failure);
    return { plugin, generation, hash: one?.hash ?? '', state, problem };
  }
}

/** It serves or has served, or never will. */
function isSettled(one: GenerationHistory | undefined): boolean {
  switch (one?.state) {
    case 'built':
    case 'crashed':
      return false;
    case 'staged':
      return one.probation !== null;
    default:
      return true;
  }
}

import { ClayError } from '@clay/sdk';
import type { Build } from '../../generations/build.ts';
import type {
  Admission,
  CrashReport,
  GenerationStatus,
  Medic,
  News,
  RollbackOptions,
} from '../../medic/generations/medic.ts';

/** A medic that remembers what it was asked and tells what a test says. */
export class FakeMedic implements Medic {
  readonly asked: unknown[] = [];
  readonly listeners = new Set<(news: News) => void>();
  known: readonly GenerationStatus[] = [];
  crashed: readonly CrashReport[] = [];
  /** Instead of the usual answer. */
  refusal: ClayError | null = null;

  tell(news: Partial<News> & Pick<News, 'plugin'>): void {
    const whole: News = {
      generation: 1,
      kind: 'told',
      state: 'quarantined',
      text: '',
      at: 1_767_366_245_000,
      session: null,
      ...news,
    };
    for (const listener of this.listeners) listener(whole);
  }

  async deploy(build: Build): Promise<Admission> {
    return { plugin: build.plugin, generation: 1, hash: build.hash, state: 'probation', problem: null };
  }

  async retire(): Promise<void> {}

  async rollback(plugin: string, options: RollbackOptions = {}): Promise<Admission> {
    this.#hear('rollback', plugin, options);
    return { plugin, generation: options.to ?? 1, hash: 'a'.repeat(64), state: 'committed', problem: null };
  }

  async quarantine(plugin: string, which: string | number, reason: string): Promise<void> {
    this.#hear('quarantine', plugin, which, reason);
  }

  async unquarantine(plugin: string, which: string | number): Promise<void> {
    this.#hear('unquarantine', plugin, which);
  }

  generations(plugin?: string): readonly GenerationStatus[] {
    const found = this.known.filter((one) => plugin === undefined || one.plugin === plugin);
    if (plugin !== undefined && found.length === 0) {
      throw new ClayError('NOT_FOUND', `There is no plugin ${JSON.stringify(plugin)}.`);
    }
    return found;
  }

  crashes(plugin?: string, limit = 50): readonly CrashReport[] {
    return this.crashed.filter((one) => plugin === undefined || one.plugin === plugin).slice(0, limit);
  }

  onNews(listener: (news: News) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #hear(...asked: unknown[]): void {
    this.asked.push(asked);
    if (this.refusal !== null) throw this.refusal;
  }
}

export function fakeGeneration(fields: Partial<GenerationStatus> & Pick<GenerationStatus, 'plugin'>): GenerationStatus {
  return {
    generation: 1,
    hash: 'a'.repeat(64),
    state: 'committed',
    isCurrent: true,
    isProven: true,
    isQuarantined: false,
    at: 1_767_366_245_000,
    reason: 'it has proven itself',
    crashes: 0,
    calls: 12,
    failedCalls: 1,
    probationLeftMs: null,
    ...fields,
  };
}

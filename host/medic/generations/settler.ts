import type { Log } from '@clay/sdk';
import { inPhase } from '../../generations/phase.ts';
import type { GenerationJournal } from '../../journal/journal.ts';
import type { LeaseTable } from '../../leases/lease-table.ts';
import type { Life } from './life.ts';

export interface SettlerOptions {
  readonly leases: LeaseTable;
  readonly journal: GenerationJournal;
  readonly log: Log;
  readonly isServing: (life: Life) => boolean;
  readonly isCommitted: (life: Life) => boolean;
  readonly onSettled: (life: Life) => void;
  /** It serves, and could not begin to. */
  readonly onFailed: (life: Life, thrown: unknown) => void;
}

/**
 * Gives a generation what it has by serving: `onLive`, its leases, `onCommit`. Each once for a process, one after the
 * other, and again whenever what it is due may have changed.
 */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #running = new Map<Life, Promise<void>>();

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  settle(life: Life): Promise<void> {
    const step = (this.#running.get(life) ?? Promise.resolve()).then(async () => {
      try {
        await this.#settle(life);
      } catch (thrown) {
        if (!life.isEnded) this.#options.onFailed(life, thrown);
      }
    });
    this.#running.set(life, step);
    step.then(() => {
      if (this.#running.get(life) === step) this.#running.delete(life);
    });
    return step;
  }

  /** Takes back what a generation holds that another one is about to need. */
  async release(life: Life, leases: readonly string[]): Promise<void> {
    await this.#running.get(life);
    for (const lease of leases) {
      try {
        await this.#options.leases.take(lease, life);
      } catch (error) {
        // It holds nothing any more as far as the host is concerned; what it does not let go, the next will meet.
        const message = error instanceof Error ? error.message : String(error);
        this.#options.log.warn('lease.release.failed', { lease, plugin: life.plugin, error: message });
      }
    }
  }

  async #settle(life: Life): Promise<void> {
    const { leases, isServing, isCommitted, onSettled } = this.#options;
    if (life.isEnded || !isServing(life)) return;
    if (!life.isLive) {
      await inPhase('live', () => life.running.live());
      life.isLive = true;
    }
    for (const lease of life.running.ready.leases) {
      if (!isServing(life) || leases.holder(lease) === life) continue;
      await inPhase('live', () => leases.pass(lease, life));
      this.#hold(life, lease);
    }
    if (life.isCommitted || !isCommitted(life)) return;
    life.isCommitted = true;
    await inPhase('live', () => life.running.commit());
    onSettled(life);
  }

  #hold(life: Life, lease: string): void {
    const { leases, journal } = this.#options;
    journal.leased(lease, life.plugin, life.generation);
    life.running.scope.hold(`lease ${lease}`, () => {
      if (leases.holder(lease) !== life) return;
      // The drain has made the plugin let go already.
      leases.forget(life);
      journal.released(lease);
    });
  }
}

import { ClayError } from '@clay/sdk';

/** One generation that wants a lease. */
export interface LeaseHolder {
  readonly plugin: string;
  readonly generation: number;
  grant(lease: string): Promise<void>;
  /** Resolves when the holder has let go. */
  revoke(lease: string): Promise<void>;
}

interface Entry {
  holder: LeaseHolder | null;
  /** The step under way; the next waits for it, so that two never hold at once. */
  step: Promise<void>;
}

/** Who holds which outside thing. A lease passes by revoke, then grant, never the other way round. */
export class LeaseTable {
  readonly #entries = new Map<string, Entry>();

  /** Name and holder of every lease held now. */
  list(): readonly { readonly lease: string; readonly plugin: string; readonly generation: number }[] {
    return [...this.#entries]
      .flatMap(([lease, { holder }]) =>
        holder === null ? [] : [{ lease, plugin: holder.plugin, generation: holder.generation }],
      )
      .sort((a, b) => a.lease.localeCompare(b.lease));
  }

  holder(lease: string): LeaseHolder | null {
    return this.#entries.get(lease)?.holder ?? null;
  }

  /**
   * Gives a lease to a generation, after the present holder of the same plugin has let go.
   *
   * @throws ClayError `CONFLICT` when another plugin holds it
   */
  pass(lease: string, to: LeaseHolder): Promise<void> {
    const entry = this.#entry(lease);
    return this.#next(entry, async () => {
      const { holder } = entry;
      if (holder === to) return;
      if (holder !== null && holder.plugin !== to.plugin) {
        throw new ClayError(
          'CONFLICT',
          `The lease "${lease}" is held by plugin "${holder.plugin}"; "${to.plugin}" cannot have it too.`,
        );
      }
      if (holder !== null) await holder.revoke(lease);
      entry.holder = null;
      await to.grant(lease);
      entry.holder = to;
    });
  }

  /** Takes a lease back from a generation; does nothing when it does not hold it. */
  take(lease: string, from: LeaseHolder): Promise<void> {
    const entry = this.#entry(lease);
    return this.#next(entry, async () => {
      if (entry.holder !== from) return;
      entry.holder = null;
      await from.revoke(lease);
    });
  }

  /** Forgets the leases of a generation that is dead and cannot let go any more. */
  forget(dead: LeaseHolder): void {
    for (const entry of this.#entries.values()) if (entry.holder === dead) entry.holder = null;
  }

  #entry(lease: string): Entry {
    let entry = this.#entries.get(lease);
    if (entry === undefined) {
      entry = { holder: null, step: Promise.resolve() };
      this.#entries.set(lease, entry);
    }
    return entry;
  }

  #next(entry: Entry, work: () => Promise<void>): Promise<void> {
    const step = entry.step.then(work);
    // The chain goes on after a failed step; its failure belongs to whoever asked for it.
    entry.step = step.catch(() => undefined);
    return step;
  }
}

import { ClayError, type Manifest } from '@clay/sdk';

/** What stands in place of what ships: it remembers on which build of it it was based. */
export interface Shipped {
  readonly manifest: Manifest;
  readonly hash: string;
}

export interface OverridesOptions {
  /** By name; null: it ships, and cannot be read. */
  readonly shipped: ReadonlyMap<string, Shipped | null>;
  /** Protected plugins that the operator lets be replaced. */
  readonly allowed: readonly string[];
}

/** What ships, and what of it may be replaced from the volume. */
export class Overrides {
  readonly #options: OverridesOptions;

  constructor(options: OverridesOptions) {
    this.#options = options;
  }

  isShipped(plugin: string): boolean {
    return this.#options.shipped.has(plugin);
  }

  /**
   * What a plugin of this name replaces; null when it replaces nothing.
   *
   * @throws ClayError `NEEDS_APPROVAL` when only a person can let it be replaced, `REFUSED` when nobody can tell what
   * rights it has
   */
  baseFor(plugin: string): Shipped | null {
    const { shipped, allowed } = this.#options;
    const base = shipped.get(plugin);
    if (base === undefined) return null;
    if (base === null)
      throw new ClayError(
        'REFUSED',
        `"${plugin}" ships with the claw and cannot be read there, so that nobody knows what a replacement may do: see the log of the start.`,
      );
    if (!base.manifest.protected || allowed.includes(plugin)) return base;
    throw new ClayError(
      'NEEDS_APPROVAL',
      `"${plugin}" is protected: only a person can let it be replaced, by adding "${plugin}" to "overrides" in clay.json and restarting.`,
    );
  }
}

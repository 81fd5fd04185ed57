import { type CapabilityKind, ClayError } from '@clay/sdk';
import type { Capability, Registry } from './registry.ts';

/** The registry that the kernel writes. A name has one owner; a plugin's set is replaced as a whole, in one step. */
export class CapabilityTable implements Registry {
  readonly #byName = new Map<string, Capability>();
  readonly #lists = new Map<CapabilityKind, readonly Capability[]>();
  readonly #listeners = new Set<() => void>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  list(kind: CapabilityKind): readonly Capability[] {
    let list = this.#lists.get(kind);
    if (list === undefined) {
      list = [...this.#byName.values()].filter((one) => one.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1));
      this.#lists.set(kind, list);
    }
    return list;
  }

  get(fullName: string): Capability | undefined {
    return this.#byName.get(fullName);
  }

  /** Full names of what one plugin provides, sorted. */
  ofPlugin(plugin: string): readonly string[] {
    return [...this.#byName.values()]
      .filter((one) => one.plugin === plugin)
      .map((one) => one.fullName)
      .sort();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Throws `CONFLICT` when another plugin owns one of the names, naming both. */
  check(plugin: string, capabilities: readonly Capability[]): void {
    for (const { fullName } of capabilities) {
      const owner = this.#byName.get(fullName)?.plugin;
      if (owner === undefined || owner === plugin) continue;
      throw new ClayError(
        'CONFLICT',
        `${fullName} is provided by plugin "${owner}" already; plugin "${plugin}" cannot provide it too.`,
      );
    }
  }

  /** Makes these the capabilities of a plugin, in place of what it provided before. */
  replace(plugin: string, capabilities: readonly Capability[]): void {
    this.check(plugin, capabilities);
    for (const [name, one] of this.#byName) if (one.plugin === plugin) this.#byName.delete(name);
    for (const one of capabilities) this.#byName.set(one.fullName, one);
    this.#changed();
  }

  /** Removes what one generation provides; what a newer one put in its place stays. */
  remove(plugin: string, generation: number): void {
    const before = this.#byName.size;
    for (const [name, one] of this.#byName) {
      if (one.plugin === plugin && one.generation === generation) this.#byName.delete(name);
    }
    if (this.#byName.size !== before) this.#changed();
  }

  #changed(): void {
    this.#version += 1;
    this.#lists.clear();
    for (const listener of this.#listeners) listener();
  }
}

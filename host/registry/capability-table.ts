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
    this.#exchange(capabilities, (one) => one.plugin === plugin && one.via === undefined);
  }

  /**
   * Makes these what a plugin offers beside what it declares, in place of what it offered before: they stay whichever of
   * its generations serves. Gives those whose name is taken, by their owners; they are left out.
   */
  offer(plugin: string, capabilities: readonly Capability[]): ReadonlyMap<string, string> {
    const taken = new Map<string, string>();
    for (const { fullName } of capabilities) {
      const owner = this.#byName.get(fullName);
      if (owner !== undefined && (owner.plugin !== plugin || owner.via === undefined))
        taken.set(fullName, owner.plugin);
    }
    const free = capabilities.filter(({ fullName }) => !taken.has(fullName));
    this.#exchange(free, (one) => one.plugin === plugin && one.via !== undefined);
    return taken;
  }

  /** Removes what one generation provides; what a newer one put in its place stays. */
  remove(plugin: string, generation: number): void {
    const before = this.#byName.size;
    for (const [name, one] of this.#byName) {
      if (one.plugin === plugin && one.generation === generation) this.#byName.delete(name);
    }
    if (this.#byName.size !== before) this.#changed();
  }

  #exchange(capabilities: readonly Capability[], isOld: (one: Capability) => boolean): void {
    for (const [name, one] of this.#byName) if (isOld(one)) this.#byName.delete(name);
    for (const one of capabilities) this.#byName.set(one.fullName, one);
    this.#changed();
  }

  #changed(): void {
    this.#version += 1;
    this.#lists.clear();
    for (const listener of this.#listeners) listener();
  }
}

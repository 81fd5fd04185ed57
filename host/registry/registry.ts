import type { CapabilityKind, JsonObject, JsonSchema } from '@clay/sdk';

/**
 * What is provided right now, by the generations that take calls. Holders keep names, never a {@link Capability}:
 * after a swap the same name stands for another generation.
 */
export interface Registry {
  /** Grows with every change. */
  readonly version: number;
  /** Sorted by name. */
  list(kind: CapabilityKind): readonly Capability[];
  /** By full name, such as `tool:memory`. */
  get(fullName: string): Capability | undefined;
  /** Calls `listener` after every change; gives the removal. */
  onChange(listener: () => void): () => void;
}

/** A named function that one generation of one plugin provides, as plain data. */
export interface Capability {
  readonly kind: CapabilityKind;
  /** Without the kind: `memory`, `memory.search`, `tasks/nightly`. */
  readonly name: string;
  readonly fullName: string;
  readonly plugin: string;
  readonly generation: number;
  readonly description: string;
  readonly parameters: JsonSchema | null;
  /** Plain data of its kind: see `sdk/wire.md`, Capabilities. */
  readonly details: JsonObject;
  /** Of what a plugin offers while it runs: the service of it that takes `{tool, arguments}`. Absent: it was declared. */
  readonly via?: string;
}

import type { JsonObject, PluginDefinition } from '@clay/sdk';

/** Where a plugin comes from. The list is handed to the kernel from outside: the kernel names no plugin. */
export interface PluginSource {
  readonly name: string;
  readonly origin: 'image' | 'volume';
  /** The parsed `plugin.json`, unchecked; null when the definition's own fields are the manifest. */
  readonly manifest: JsonObject | null;
  /** Of its code, where somebody has taken it: another one means another build. */
  readonly digest?: string;
  /** The default export of the entry module. May throw: the plugin is then reported as failed in phase `load`. */
  load(): Promise<PluginDefinition>;
  /** Its program. Absent: there is none, and it runs inside the host wherever its manifest places it. */
  program?(): Promise<PluginProgram>;
}

/** A plugin as a program that stands alone, with its packages and its runtime. */
export interface PluginProgram {
  /** In a folder of its own, which is all of the image that its process may read. */
  readonly entry: string;
  /** Of all its files. */
  readonly digest: string;
}

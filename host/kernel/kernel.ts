import type { EventName, Events } from '@clay/sdk';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/router.ts';
import type { PluginSource } from './plugin-source.ts';
import type { PluginStatus } from './plugin-status.ts';

/** Loads plugins and keeps them; everything else of the host works on what they provide, by name. */
export interface Kernel {
  readonly registry: Registry;
  readonly router: Router;
  /** Sorted by name. */
  plugins(): readonly PluginStatus[];
  /**
   * Starts plugins in the order of what they require. Never throws for a plugin: one that fails is reported in
   * {@link Kernel.plugins} and in the log, and the rest runs.
   */
  start(sources: readonly PluginSource[]): Promise<void>;
  /** Delivers an event to every handler, each on its own; a handler's failure is logged. Resolves when all have ended; never throws. */
  emit<E extends EventName>(event: E, payload: Events[E]): Promise<void>;
  /** Drains the plugins in reverse order of their start. Calls still open after `drainMs` (default: each manifest's own) are aborted. */
  stop(drainMs?: number): Promise<void>;
}

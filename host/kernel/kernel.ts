import type { EventName, Events } from '@clay/sdk';
import type { Medic } from '../medic/generations/medic.ts';
import type { LastHost } from '../medic/generations/medic-options.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/router.ts';
import type { HostCapability } from './host-capabilities.ts';
import type { OfferedTool } from './offered-tool.ts';
import type { PluginSource } from './plugin-source.ts';
import type { PluginStatus } from './plugin-status.ts';

/** Loads plugins and keeps them; everything else of the host works on what they provide, by name. */
export interface Kernel {
  readonly registry: Registry;
  readonly router: Router;
  /** Who changes them while they run. */
  readonly medic: Medic;
  /** Sorted by name. */
  plugins(): readonly PluginStatus[];
  /** Nothing but what ships runs: the host failed to boot again and again. */
  readonly isSafeMode: boolean;
  /** Lets the host itself provide capabilities, as a plugin would. Before {@link Kernel.start}. */
  provide(capabilities: readonly HostCapability[]): void;
  /**
   * Lets a plugin offer tools beside what it declares, in place of what it offered before. Gives the names that are taken,
   * with their owners. After {@link Kernel.start}, so that what is declared comes first.
   *
   * @param via full name of the plugin's service that takes `{tool, arguments}`
   */
  offer(plugin: string, via: string, tools: readonly OfferedTool[]): ReadonlyMap<string, string>;
  /**
   * Starts what ships, in the order of what it requires, and begins to start what was deployed. Never throws for a
   * plugin: one that fails is reported in {@link Kernel.plugins} and in the log, and the rest runs.
   *
   * @param last how the host before this one ended. Default: there was none
   */
  start(sources: readonly PluginSource[], last?: LastHost): Promise<void>;
  /** Resolves when everything that was deployed before this start has been started, or has failed to. */
  settled(): Promise<void>;
  /** Delivers an event to every handler, each on its own; a handler's failure is logged. Resolves when all have ended; never throws. */
  emit<E extends EventName>(event: E, payload: Events[E]): Promise<void>;
  /** Drains the plugins in reverse order of their start. Calls still open after `drainMs` (default: each manifest's own) are aborted. */
  stop(drainMs?: number): Promise<void>;
}

import type { Json, JsonSchema } from './json.ts';

/** What a plugin says of itself (`plugin.json`). A declaration of permissions is a request, not a right. */
export interface Manifest {
  /** `[a-z][a-z0-9-]{0,47}`. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Versions of the wire protocol it speaks, as a range of integers. Default: the current one only. */
  readonly engine: string;
  /** Full capability names that must exist. Missing: the plugin does not start. */
  readonly requires: readonly string[];
  /** Full capability names that may be absent, and may appear later. */
  readonly optional: readonly string[];
  readonly permissions: readonly string[];
  /** SQL tables that the plugin owns. */
  readonly tables: readonly string[];
  readonly leases: readonly string[];
  readonly config: JsonSchema | null;
  /** The operator's settings that the plugin's configuration takes over unless its own section says otherwise. */
  readonly settings: readonly ManifestSetting[];
  readonly probes: readonly ManifestProbe[];
  readonly limits: { readonly memoryMb: number; readonly startMs: number; readonly drainMs: number };
  readonly placement: 'inline' | 'process';
  /**
   * What becomes of a process that nobody uses. `stay`: it runs on. `sleep`: it runs only while it is used: it starts with
   * the first call, and ends when for some minutes (`limits.pluginIdleMs` in clay.json) no call was open and nothing was
   * said. Callers do not notice. For a plugin whose `setup` declares what follows from its code and configuration alone,
   * that keeps nothing in memory which matters later, and that does nothing between calls: `onLive` runs whenever it
   * wakes, its releases whenever it falls asleep, and a lease that it holds keeps it awake. Whatever calls it wakes it, so
   * that one with a prompt section wakes at each turn, and one with a probe at each start. Default: `stay`.
   */
  readonly idle: 'stay' | 'sleep';
  /** Replaced only with a person's yes. */
  readonly protected: boolean;
  /** Outside processes that the medic supervises. */
  readonly services: readonly ManifestService[];
}

/**
 * Settings of the whole claw that concern plugins: `shell` is `on`, `ask` or `off`; `workFolder` is where files and commands
 * begin when shells run as a user of their own, else null; `telegram` tells which bot speaks for
 * the claw, to whom, and by which connector, and is given to plugins of the image only, as the bot's token is part of it;
 * `heartbeat` how often the agent is woken; `claudeCode` tells where that program is, and whether the claw's model can serve it; `platform` is the address of the
 * gather platform, and the claw's id there; `mcp` holds the values of the variables that the operator gives to MCP servers,
 * for plugins of the image only.
 */
export type ManifestSetting = 'shell' | 'workFolder' | 'telegram' | 'heartbeat' | 'claudeCode' | 'platform' | 'mcp';

/** A capability call with an argument, and what must come back (a deep subset of the result). */
export interface ManifestProbe {
  readonly name: string;
  readonly call: string;
  readonly args: Json;
  readonly expect?: Json;
}

/** A process that runs beside the host as long as the plugin does. */
export interface ManifestService {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

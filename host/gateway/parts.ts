import type { Clock, Log } from '@clay/sdk';
import type { AgentHost } from '../agent/agent-host.ts';
import type { Config } from '../config/config.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/router.ts';
import type { Backup, Settings } from '../store/store.ts';
import type { UsageLedger } from '../store/usage-ledger.ts';
import type { Metrics } from './metrics.ts';
import type { Token } from './token.ts';

/** What the gateway needs of the rest of the host. */
export interface GatewayParts {
  readonly config: Config;
  readonly version: string;
  readonly token: Token;
  readonly agentHost: AgentHost;
  readonly registry: Registry;
  readonly router: Router;
  readonly store: GatewayStore;
  readonly plugins: () => readonly PluginSummary[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  /** Folder with the ADK web UI's static files; when it is absent, a page tells how to add them. */
  readonly uiFolder: string;
}

export interface GatewayStore {
  readonly settings: Settings;
  readonly usage: UsageLedger;
  /** Throws what stands in the way of a turn. */
  check(): void;
  backup(): Promise<Backup>;
}

/** A plugin as `clay plugins` shows it. */
export interface PluginSummary {
  readonly name: string;
  readonly version: string;
  readonly generation: number;
  readonly state: string;
  readonly origin: string;
  /** Why it does not run. */
  readonly error?: string | undefined;
}

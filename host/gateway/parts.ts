import type { Clock, Log } from '@clay/sdk';
import type { AgentHost } from '../agent/agent-host.ts';
import type { Config } from '../config/config.ts';
import type { PluginStatus } from '../kernel/plugin-status.ts';
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
  readonly plugins: () => readonly PluginStatus[];
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

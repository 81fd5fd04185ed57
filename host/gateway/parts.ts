import type { Clock, JsonObject, Log } from '@clay/sdk';
import type { AgentHost } from '../agent/agent-host.ts';
import type { Config } from '../config/config.ts';
import type { Questions } from '../delivery/questions/questions.ts';
import type { PluginStatus } from '../kernel/plugin-status.ts';
import type { Admission, Medic } from '../medic/generations/medic.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/router.ts';
import type { LaneStatus } from '../starlark/lanes.ts';
import type { InboxStore } from '../store/delivery/inbox-store.ts';
import type { Backup, Settings, Store } from '../store/store.ts';
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
  readonly medic: Medic;
  readonly deployer: Deployer;
  readonly questions: Pick<Questions, 'open' | 'answer'>;
  readonly lanes: () => readonly LaneStatus[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  /** Folder with the ADK web UI's static files; when it is absent, a page tells how to add them. */
  readonly uiFolder: string;
}

export interface GatewayStore {
  readonly settings: Settings;
  readonly usage: UsageLedger;
  readonly inbox: Pick<InboxStore, 'add' | 'find' | 'begin' | 'end'>;
  transaction: Store['transaction'];
  /** Throws what stands in the way of a turn. */
  check(): void;
  backup(): Promise<Backup>;
}

/** Makes generations of sources that a person's program names or sends. */
export interface Deployer {
  /**
   * Builds, and gives the build to the medic. Throws what the author did wrong, with the whole text as `details.output`;
   * `NOT_FOUND` when nothing was sent and the claw's folder has no such plugin.
   */
  deploy(request: DeployRequest): Promise<Admission>;
  /** Says what is wrong with the sources, types and tests included, and changes nothing. Throws only `NOT_FOUND`. */
  check(request: SourceRequest): Promise<SourceCheck>;
}

export interface SourceRequest {
  readonly plugin: string;
  /**
   * Sources by their path in the plugin's folder. What is deployed takes the place of what lies in the claw's own folder.
   * Null: what lies there is meant.
   */
  readonly files: ReadonlyMap<string, string> | null;
}

export interface DeployRequest extends SourceRequest {
  readonly reason: string;
}

export interface SourceCheck {
  readonly plugin: string;
  readonly isGood: boolean;
  /** For the author: every problem with `file:line:column`; a word of praise when there is none. */
  readonly text: string;
  /** The same as fields. */
  readonly diagnostics: readonly JsonObject[];
}

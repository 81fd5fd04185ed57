import type { CallSession, Clock, EventName, Events, Json, Log } from '@clay/sdk';
import type { Config, ConfigPaths } from '../../config/config.ts';
import type { CallJournal } from '../../journal/journal.ts';
import type { Budgets } from '../../policy/budget/budgets.ts';
import type { Redactor } from '../../policy/redaction/redactor.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Router } from '../../router/router.ts';
import type { Store } from '../../store/store.ts';
import type { Compactor } from '../compaction/compactor.ts';
import type { Content, EventJson } from '../event-json.ts';
import type { ModelChoice } from '../models/model-choice.ts';
import type { Models } from '../models/models.ts';
import type { RenderedSections } from '../prompt/sections.ts';
import type { LiveSession } from '../sessions/live-session.ts';
import type { TurnTrace } from '../traces/turn-trace.ts';
import type { RunningCalls } from './running-calls.ts';

/** What the agent side needs of the configuration. */
export type AgentConfig = Pick<Config, 'limits' | 'prices' | 'model'> & { readonly paths: Pick<ConfigPaths, 'root'> };

/** What every part of the agent side works with. */
export interface AgentParts {
  readonly config: AgentConfig;
  readonly registry: Registry;
  readonly router: Router;
  readonly store: Pick<Store, 'sessions' | 'artifacts' | 'usage' | 'settings' | 'check'>;
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** What is known of the calls of a turn that was interrupted. */
  readonly calls: Pick<CallJournal, 'byKey'> | undefined;
  /** Whether a call was cut off while it waited for a person's yes: it goes on where it was. */
  readonly wasAsked: (capability: string, key: string, args: Json) => boolean;
  readonly budgets: Budgets;
  /** What the model, the sessions and those who watch may see. */
  readonly redactor: Redactor;
  readonly models: Models;
  readonly modelChoice: ModelChoice;
  readonly compactor: Compactor;
}

/** One running turn, as its agents, tools and model calls share it. */
export interface TurnScope {
  readonly parts: AgentParts;
  readonly call: CallSession;
  readonly live: LiveSession;
  readonly signal: AbortSignal;
  readonly isStreaming: boolean;
  readonly sections: RenderedSections;
  readonly trace: TurnTrace;
  /** The message of this turn as it is stored; undefined once it was summarised. */
  readonly userContent: () => Content | undefined;
  /** Model calls of all agents of this turn. */
  readonly modelCalls: { count: number };
  readonly running: RunningCalls;
  /** Ids of all calls of this turn. */
  readonly callIds: Set<string>;
  /** Shows something to whoever watches the turn, without storing it. */
  readonly show: (event: EventJson) => void;
  /** Resolves when the event with this id is in the database; rejects when the turn ends without. */
  readonly committed: (eventId: string) => Promise<void>;
}

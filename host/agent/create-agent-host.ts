import type { Clock, EventName, Events, Log } from '@clay/sdk';
import { ClayError } from '@clay/sdk';
import type { CallJournal } from '../journal/journal.ts';
import { Budgets } from '../policy/budget/budgets.ts';
import { Redactor } from '../policy/redaction/redactor.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/router.ts';
import type { Store } from '../store/store.ts';
import { setLogger } from './adk.ts';
import type { ResumableAgentHost } from './agent-host.ts';
import { listAgents } from './agents/agent-definition.ts';
import { describeAgents } from './agents/agent-graph.ts';
import { rootName } from './agents/build-agent.ts';
import { Compactor } from './compaction/compactor.ts';
import { engineLog } from './engine-log.ts';
import { ask, noSession } from './models/ask.ts';
import { createModels } from './models/create-models.ts';
import { usageEntry } from './models/metered.ts';
import { ModelChoice } from './models/model-choice.ts';
import { toModelError } from './models/model-error.ts';
import type { Models } from './models/models.ts';
import type { RetryPolicy } from './models/retry.ts';
import { LiveSessions } from './sessions/live-sessions.ts';
import { NamedLock } from './sessions/session-lock.ts';
import { StoredArtifacts } from './sessions/stored-artifacts.ts';
import { StoredSessions } from './sessions/stored-sessions.ts';
import { BoundedTraces } from './traces/bounded-traces.ts';
import { compactOutsideTurn } from './turns/compact-outside-turn.ts';
import { TurnQueue } from './turns/turn-queue.ts';
import type { AgentConfig, AgentParts } from './turns/turn-scope.ts';

export interface AgentHostOptions {
  readonly config: AgentConfig;
  readonly registry: Registry;
  readonly router: Router;
  readonly store: Pick<Store, 'sessions' | 'artifacts' | 'usage' | 'settings' | 'check'>;
  /** Delivers an event to the plugins; never rejects. */
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal's calls: lets an interrupted turn go on with the results it had. */
  readonly calls?: Pick<CallJournal, 'byKey'>;
  /** Whether a person was asked about a call, or is still. Default: nobody is. */
  readonly wasAsked?: AgentParts['wasAsked'];
  /** Default: the model may cost what it does. */
  readonly budgets?: Budgets;
  /** Default: there are no secrets. */
  readonly redactor?: Redactor;
  /** Default: the models that the configuration names. */
  readonly models?: Models;
  /** Default: four tries. */
  readonly retry?: RetryPolicy;
}

/** Makes the agent side. Throws when the configured model cannot be made. */
export async function createAgentHost(options: AgentHostOptions): Promise<ResumableAgentHost> {
  const { config, registry, router, store, emit, clock, log, retry } = options;
  setLogger(engineLog(log));
  const { limits, prices, model, paths } = config;
  const models = options.models ?? createModels(model, { limits, clock, log, ...(retry && { retry }) });
  await models.get();
  const modelChoice = new ModelChoice(store.settings, models);
  const compactor = new Compactor({ sessions: store.sessions, limits, emit, log });
  const budgets =
    options.budgets ??
    new Budgets({ budgets: {}, prices, timeZone: 'UTC', usage: store.usage, clock, log, notify: () => undefined });
  const parts: AgentParts = {
    config: { limits, prices, model, paths },
    registry,
    router,
    store,
    emit,
    clock,
    log,
    wasAsked: options.wasAsked ?? (() => false),
    budgets,
    redactor: options.redactor ?? new Redactor(),
    models,
    modelChoice,
    compactor,
    calls: options.calls,
  };
  const live = new LiveSessions(store.sessions);
  const lock = new NamedLock();
  const traces = new BoundedTraces(clock);
  const turns = new TurnQueue(parts, live, lock, traces);
  const stopping = new AbortController();
  return {
    appName: rootName,
    turns,
    traces,
    sessions: new StoredSessions({
      store: store.sessions,
      live,
      lock,
      cancelTurns: ({ app, user, session }, reason) => turns.cancel(app, user, session, reason),
      compact: (key) => compactOutsideTurn(parts, live.open(key), traces, stopping.signal),
    }),
    artifacts: new StoredArtifacts(store.artifacts, store.sessions),
    model: { provider: models.provider, name: models.defaultName },
    modelChoice,
    graph: () =>
      describeAgents(
        rootName,
        models.defaultName,
        listAgents(registry, rootName, () => undefined),
        registry,
      ),
    checkModel: (signal) => checkModel(parts, signal),
    ask: (question, signal) => ask(question, parts, signal),
    ready: () => readiness(store, stopping.signal.aborted),
    resume: () => turns.resume(),
    async stop(drainMs) {
      stopping.abort(new Error('the host is stopping'));
      await turns.stop(drainMs);
    },
  };
}

/** Whatever the budgets say: it costs next to nothing, and a person asked for it. */
async function checkModel({ models, budgets, config, store, clock }: AgentParts, signal?: AbortSignal): Promise<void> {
  const startedAt = clock.now();
  const payer = { agent: 'check', ...budgets.origins.spender(null, 'host') };
  try {
    const model = await models.get();
    const responses = model.generate({
      system: '',
      contents: [{ role: 'user', parts: [{ text: 'Answer with the word ok.' }] }],
      tools: [],
      purpose: 'check',
      stream: false,
      maxTokens: 1,
      ...(signal && { signal }),
    });
    for await (const response of responses) {
      if (response.partial) continue;
      const durationMs = clock.now() - startedAt;
      store.usage.record(usageEntry(noSession, config.prices, model.name, response, payer, durationMs));
      return;
    }
  } catch (thrown) {
    const { code, message, details } = toModelError(thrown);
    throw new ClayError('MODEL', `${message} (${code}: ${details})`, { cause: thrown });
  }
  throw new ClayError('MODEL', 'The model gave no answer.');
}

function readiness(store: Pick<Store, 'check'>, isStopping: boolean): { ok: boolean; reason?: string } {
  if (isStopping) return { ok: false, reason: 'The host is stopping.' };
  try {
    store.check();
    return { ok: true };
  } catch (error) {
    return {
      ok: false,
      reason: `The database cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

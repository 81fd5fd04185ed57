import type { TestContext } from 'node:test';
import {
  type CapabilityKind,
  ClayError,
  type EventName,
  type Events,
  type Json,
  type JsonObject,
  type StreamEvent,
} from '@clay/sdk';
import type { Limits, ModelConfig, Price } from '../../config/config.ts';
import type { CallJournal } from '../../journal/journal.ts';
import type { Capability, Registry } from '../../registry/registry.ts';
import type { CallRequest, Router } from '../../router/router.ts';
import type { Store } from '../../store/store.ts';
import { temporaryStore } from '../../store/testing/temporary-store.ts';
import type { ResumableAgentHost } from '../agent-host.ts';
import { createAgentHost } from '../create-agent-host.ts';
import type { Content, EventJson } from '../event-json.ts';
import type { Models } from '../models/models.ts';
import type { Turn, TurnOutcome, TurnRequest } from '../turns/turn.ts';
import { impatientClock, recordingLog } from './quiet.ts';

export interface FixtureTool {
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly parallel?: boolean;
  readonly run: (args: JsonObject, request: CallRequest) => Json | Promise<Json>;
}

export interface FixtureOptions {
  readonly tools?: Readonly<Record<string, FixtureTool>>;
  readonly agents?: Readonly<Record<string, JsonObject>>;
  readonly external?: (task: string, request: CallRequest) => AsyncGenerator<StreamEvent, Json, void>;
  readonly prompts?: Readonly<Record<string, JsonObject & { readonly text: string | null }>>;
  readonly limits?: Partial<Limits>;
  readonly prices?: Readonly<Record<string, Price>>;
  readonly model?: ModelConfig;
  readonly models?: Models;
  readonly journal?: Pick<CallJournal, 'byKey'>;
  /** Of the claw, for what looks at files. Default: a folder that is not there. */
  readonly root?: string;
  /** Default: a new one that goes with the test. */
  readonly store?: Store;
}

export interface AgentFixture {
  readonly host: ResumableAgentHost;
  readonly store: Store;
  readonly registry: FakeRegistry;
  readonly calls: CallRequest[];
  readonly emitted: { readonly event: EventName; readonly payload: unknown }[];
  readonly log: ReturnType<typeof recordingLog>;
  /** Starts a turn in the session `s1` of `ann`, which is made when it is not there. */
  say(message: string | Content, request?: Partial<TurnRequest>): Turn;
  /** The same, to its end. */
  ask(message: string | Content, request?: Partial<TurnRequest>): Promise<TurnOutcome>;
  events(session?: string): EventJson[];
}

const limits: Limits = {
  maxLlmCalls: 40,
  turnMs: 60_000,
  modelIdleMs: 10_000,
  toolResultChars: 20_000,
  compactAtTokens: 100_000,
  bodyBytes: 1_000_000,
  probationMs: 30_000,
  pluginIdleMs: 300_000,
  drainMs: 1_000,
  requestsPerMinute: 1_000,
};

export class FakeRegistry implements Registry {
  version = 1;
  readonly capabilities = new Map<string, Capability>();
  readonly tools = new Map<string, FixtureTool>();
  readonly prompts = new Map<string, string | null>();
  readonly #listeners = new Set<() => void>();

  add(kind: CapabilityKind, name: string, fields: Partial<Capability> = {}): void {
    const fullName = `${kind}:${name}`;
    const base = {
      kind,
      name,
      fullName,
      plugin: 'fixture',
      generation: 1,
      description: '',
      parameters: null,
      details: {},
    };
    this.capabilities.set(fullName, { ...base, ...fields });
    this.#changed();
  }

  addTool(name: string, tool: FixtureTool): void {
    this.tools.set(name, tool);
    this.add('tool', name, {
      description: tool.description ?? name,
      parameters: tool.parameters ?? null,
      details: tool.parallel === undefined ? {} : { parallel: tool.parallel },
    });
  }

  remove(fullName: string): void {
    this.capabilities.delete(fullName);
    this.#changed();
  }

  list(kind: CapabilityKind): readonly Capability[] {
    return [...this.capabilities.values()]
      .filter((known) => known.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(fullName: string): Capability | undefined {
    return this.capabilities.get(fullName);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    this.version++;
    for (const listener of this.#listeners) listener();
  }
}

export async function agentFixture(test: TestContext, options: FixtureOptions = {}): Promise<AgentFixture> {
  const store = options.store ?? temporaryStore(test);
  const registry = new FakeRegistry();
  for (const [name, tool] of Object.entries(options.tools ?? {})) registry.addTool(name, tool);
  for (const [name, definition] of Object.entries(options.agents ?? {})) {
    registry.add('agent', name, { details: { definition, parent: null } });
  }
  for (const [name, { text, ...details }] of Object.entries(options.prompts ?? {})) {
    registry.prompts.set(name, text);
    registry.add('prompt', name, { details });
  }
  const calls: CallRequest[] = [];
  const emitted: AgentFixture['emitted'] = [];
  const log = recordingLog();
  const host = await createAgentHost({
    config: {
      limits: { ...limits, ...options.limits },
      prices: options.prices ?? {},
      model: options.model ?? { provider: 'offline' },
      paths: { root: options.root ?? '/nowhere' },
    },
    registry,
    router: fakeRouter(registry, calls, options),
    store,
    async emit<E extends EventName>(event: E, payload: Events[E]) {
      emitted.push({ event, payload });
    },
    clock: impatientClock(),
    log,
    ...(options.models && { models: options.models }),
    ...(options.journal && { calls: options.journal }),
  });
  test.after(() => host.stop(0));
  const key = { app: 'clay', user: 'ann', id: 's1' };
  const say: AgentFixture['say'] = (message, request = {}) => {
    const session = request.session ?? key.id;
    if (!host.sessions.has({ ...key, id: session })) host.sessions.create({ ...key, id: session });
    return host.turns.start({
      app: key.app,
      user: key.user,
      session,
      message: typeof message === 'string' ? { role: 'user', parts: [{ text: message }] } : message,
      streaming: true,
      caller: 'test',
      ...request,
    });
  };
  return {
    host,
    store,
    registry,
    calls,
    emitted,
    log,
    say,
    ask: (message, request) => say(message, request).done,
    events: (session = key.id) => host.sessions.get({ ...key, id: session }).events,
  };
}

function fakeRouter(registry: FakeRegistry, calls: CallRequest[], options: FixtureOptions): Router {
  return {
    active: 0,
    async call(request) {
      const [kind, name = ''] = request.capability.split(':');
      if (!registry.get(request.capability)) {
        throw new ClayError('CAPABILITY_UNKNOWN', `Nobody provides ${request.capability}.`);
      }
      if (kind === 'prompt') {
        const text = registry.prompts.get(name) ?? null;
        if (text === 'throw') throw new ClayError('INTERNAL', 'the section is broken');
        return text;
      }
      calls.push(request);
      return (registry.tools.get(name) as FixtureTool).run(request.args as JsonObject, request);
    },
    stream(request) {
      calls.push(request);
      if (!options.external) throw new ClayError('CAPABILITY_UNKNOWN', `Nobody provides ${request.capability}.`);
      return options.external(String((request.args as JsonObject).task), request);
    },
  };
}

/** Texts of all whole events of the main conversation, with their authors. */
export function told(events: readonly EventJson[]): string[] {
  return events.flatMap(({ author, content }) =>
    (content?.parts ?? []).map(
      (part) => `${author}: ${part.text ?? JSON.stringify(part.functionCall ?? part.functionResponse)}`,
    ),
  );
}

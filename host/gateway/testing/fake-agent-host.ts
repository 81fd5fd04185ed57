import { ClayError } from '@clay/sdk';
import type { AgentHost, CreateSession, SessionKey } from '../../agent/agent-host.ts';
import type { Content, EventJson, Part, SessionJson } from '../../agent/event-json.ts';
import type { AgentGraph } from '../../agent/graph.ts';
import type { Turn, TurnEvent, TurnOutcome, TurnRequest, Turns } from '../../agent/turns/turn.ts';

/** What the agent does in one turn: yields events until it returns its outcome. */
export type Script = (
  request: TurnRequest,
  turn: { readonly id: string; readonly signal: AbortSignal },
) => AsyncGenerator<EventJson, Partial<TurnOutcome>, void>;

let made = 0;

export function makeEvent(turnId: string, parts: Part[], more: Partial<EventJson> = {}): EventJson {
  made += 1;
  return {
    id: `e${made}`,
    invocationId: turnId,
    author: 'clay',
    timestamp: 1_700_000_000_000 + made,
    content: { role: 'model', parts },
    actions: { stateDelta: {}, artifactDelta: {} },
    ...more,
  };
}

/** Answers with what was said. */
export const echo: Script = async function* (request, turn) {
  const text = request.message.parts?.map((part) => part.text ?? '').join('') ?? '';
  yield makeEvent(turn.id, [{ text: `You said: ${text}` }]);
  return { text: `You said: ${text}` };
};

const graph: AgentGraph = {
  name: 'clay',
  rootAgent: {
    name: 'clay',
    type: 'llm',
    description: 'The claw.',
    model: 'offline',
    tools: ['memory'],
    agents: [{ name: 'research', type: 'llm', description: 'Reads the web.', tools: ['web_search'], agents: [] }],
  },
};

/** An agent without engine and store, that does what a test's script says. Keeps its sessions in memory. */
export class FakeAgentHost implements AgentHost {
  readonly appName = 'clay';
  readonly model = { provider: 'offline', name: 'offline' };
  readonly modelChoice = { names: ['offline'], of: () => 'offline', choose: () => undefined };
  script: Script = echo;
  readiness: { ok: boolean; reason?: string } = { ok: true };
  readonly #sessions = new Map<string, SessionJson>();
  readonly #turns = new Map<string, FakeTurn>();
  readonly #artifacts = new Map<string, Part[]>();
  #count = 0;
  #isStopping = false;

  readonly turns: Turns = {
    start: (request) => this.#start(request),
    get: (id) => this.#turns.get(id),
    running: (_app, user, session) => this.#running(user, session),
    cancel: (_app, user, session) => {
      const turn = this.#running(user, session);
      turn?.cancel('asked');
      return turn !== undefined;
    },
    active: () => [...this.#turns.values()].filter((turn) => !turn.isOver).length,
  };

  readonly sessions: AgentHost['sessions'] = {
    create: (request) => this.#create(request),
    get: (key) => this.#session(key),
    has: (key) => this.#sessions.has(keyOf(key)),
    list: (_app, user) =>
      [...this.#sessions.values()].filter((found) => found.userId === user).map((found) => ({ ...found, events: [] })),
    delete: async (key) => {
      this.#session(key);
      this.#sessions.delete(keyOf(key));
    },
    patchState: (key, delta) => {
      Object.assign(this.#session(key).state, delta);
      return this.#session(key);
    },
    rewind: async (key, turnId) => {
      const found = this.#session(key);
      const index = found.events.findIndex((event) => event.invocationId === turnId);
      if (index < 0) throw new ClayError('NOT_FOUND', `no turn ${turnId}`);
      found.events.splice(index);
      return found;
    },
    event: (key, id) => this.#session(key).events.find((event) => event.id === id),
    compact: async () => false,
  };

  readonly artifacts: AgentHost['artifacts'] = {
    names: (key) =>
      [...this.#artifacts.keys()]
        .filter((name) => name.startsWith(`${keyOf(key)}/`))
        .map((n) => n.slice(keyOf(key).length + 1)),
    versions: (key, name) => this.#artifact(key, name).map((_part, index) => index),
    load: (key, name, version) => {
      const part = this.#artifact(key, name).at(version ?? -1);
      if (part === undefined) throw new ClayError('NOT_FOUND', `no version ${version} of ${name}`);
      return part;
    },
    delete: (key, name) => {
      this.#artifact(key, name);
      this.#artifacts.delete(`${keyOf(key)}/${name}`);
    },
  };

  readonly traces = {
    bySession: () => [],
    byEvent: (id: string) => (id === 'traced' ? { 'gcp.vertex.agent.event_id': 'traced' } : undefined),
  };

  graph(): AgentGraph {
    return graph;
  }

  async ask({ prompt }: { readonly prompt: string }): Promise<string> {
    return `You asked: ${prompt}`;
  }

  async checkModel(): Promise<void> {}

  resume(): readonly Turn[] {
    return [];
  }

  ready(): { ok: boolean; reason?: string } {
    return this.readiness;
  }

  async stop(drainMs: number): Promise<void> {
    this.#isStopping = true;
    const open = [...this.#turns.values()].filter((turn) => !turn.isOver);
    if (drainMs === 0) for (const turn of open) turn.cancel('stopping');
    await Promise.all(open.map((turn) => turn.done));
  }

  putArtifact(key: SessionKey, name: string, part: Part): void {
    const id = `${keyOf(key)}/${name}`;
    this.#artifacts.set(id, [...(this.#artifacts.get(id) ?? []), part]);
  }

  #create(request: CreateSession): SessionJson {
    this.#count += 1;
    const id = request.id ?? `s${this.#count}`;
    const key = keyOf({ app: request.app, user: request.user, id });
    if (this.#sessions.has(key)) throw new ClayError('CONFLICT', `Session already exists: ${id}`);
    const session: SessionJson = {
      id,
      appName: request.app,
      userId: request.user,
      state: { ...request.state },
      events: [...(request.events ?? [])],
      lastUpdateTime: 1_700_000_000 + this.#count,
    };
    this.#sessions.set(key, session);
    return session;
  }

  #session(key: SessionKey): SessionJson {
    const found = this.#sessions.get(keyOf(key));
    if (found === undefined) throw new ClayError('NOT_FOUND', `There is no session "${key.id}".`);
    return found;
  }

  #artifact(key: SessionKey, name: string): Part[] {
    const found = this.#artifacts.get(`${keyOf(key)}/${name}`);
    if (found === undefined) throw new ClayError('NOT_FOUND', `There is no artifact "${name}".`);
    return found;
  }

  #running(user: string, session: string): FakeTurn | undefined {
    return [...this.#turns.values()].find((turn) => turn.user === user && turn.session === session && !turn.isOver);
  }

  #start(request: TurnRequest): Turn {
    if (this.#isStopping) throw new ClayError('UNAVAILABLE', 'stopping');
    const session = this.#session({ app: request.app, user: request.user, id: request.session });
    const turn = new FakeTurn(`t${this.#turns.size + 1}`, request, this.script);
    this.#turns.set(turn.id, turn);
    session.events.push(makeEvent(turn.id, (request.message as Content).parts ?? [], { author: 'user' }));
    void turn.done.then((outcome) => session.events.push(...outcome.events.filter((event) => event.partial !== true)));
    return turn;
  }
}

class FakeTurn implements Turn {
  readonly id: string;
  readonly app: string;
  readonly user: string;
  readonly session: string;
  readonly done: Promise<TurnOutcome>;
  isOver = false;
  readonly #cancelled = new AbortController();
  readonly #buffer: TurnEvent[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(id: string, request: TurnRequest, script: Script) {
    this.id = id;
    this.app = request.app;
    this.user = request.user;
    this.session = request.session;
    this.done = this.#run(request, script);
  }

  async *events(afterId = 0, signal?: AbortSignal): AsyncIterable<TurnEvent> {
    const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    let next = afterId;
    while (signal?.aborted !== true) {
      const item = this.#buffer[next];
      if (item !== undefined) {
        next += 1;
        yield item;
        continue;
      }
      if (this.isOver) return;
      await Promise.race([this.#changed.promise, aborted]);
    }
  }

  cancel(reason: string): void {
    this.#cancelled.abort(new ClayError('CANCELLED', reason));
  }

  async #run(request: TurnRequest, script: Script): Promise<TurnOutcome> {
    const events: EventJson[] = [];
    const outcome = await this.#play(request, script, events);
    this.isOver = true;
    this.#changed.resolve();
    return { status: 'done', text: '', events, ...outcome };
  }

  async #play(request: TurnRequest, script: Script, events: EventJson[]): Promise<Partial<TurnOutcome>> {
    const run = script(request, { id: this.id, signal: this.#cancelled.signal });
    try {
      for (;;) {
        const step = await run.next();
        if (step.done === true) return step.value;
        events.push(step.value);
        this.#buffer.push({ id: this.#buffer.length + 1, event: step.value });
        this.#changed.resolve();
        this.#changed = Promise.withResolvers<void>();
      }
    } catch (error) {
      if (this.#cancelled.signal.aborted) return { status: 'cancelled' };
      return { status: 'failed', error: { code: 'INTERNAL', message: (error as Error).message } };
    }
  }
}

function keyOf(key: SessionKey): string {
  return JSON.stringify([key.user, key.id]);
}

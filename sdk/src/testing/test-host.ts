import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallSession, StreamEvent } from '../call.ts';
import type { EventName, Events, RouteRequest, RouteResponse, TurnView } from '../capability.ts';
import type { Paths } from '../context.ts';
import type { PluginDefinition } from '../define-plugin.ts';
import { ClayError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { runPlugin } from '../runtime/plugin-runtime.ts';
import type { Schema } from '../schema/schema.ts';
import { HostConnection } from '../wire/host-connection.ts';
import { createMemoryPorts } from '../wire/memory-port.ts';
import { type Declaration, type Fault, fullName, type LogMessage } from '../wire/message.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createTestFunctions, type HttpAnswer, type Provided } from './test-functions.ts';
import { createTestStore, type TestStore } from './test-store.ts';

/** What surrounds the plugin under test. */
export interface TestHostOptions {
  /**
   * What `plugin.json` says, as `import manifest from './plugin.json' with { type: 'json' }` gives it. Default: what the
   * definition says itself, which without a `plugin.json` is all there is.
   */
  readonly manifest?: JsonObject;
  /** The plugin's section of `clay.json`, unchecked. Default `{}`. */
  readonly config?: JsonObject;
  /** `CLAY_ROOT`. Default: a temporary folder, removed by {@link TestHost.stop}. */
  readonly root?: string;
  /** A database file to open instead of one in memory. */
  readonly database?: string;
  /** What the store keeps by key, as JSON: handed from one test host to the next of the same volume. Default: nothing. */
  readonly entries?: Map<string, string>;
  /** Secrets that are set, by name; the values go nowhere but into headers of {@link HttpAnswer}. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Answers `ctx.http`. Default: every request fails, naming its URL. */
  readonly http?: HttpAnswer;
  /** Capabilities of other plugins, by full name: what `ctx.call` reaches. */
  readonly provided?: Readonly<Record<string, Provided>>;
  /** Default: {@link createFakeClock}. */
  readonly clock?: FakeClock;
}

/** How a call of a test is made. */
export interface TestCallOptions {
  /** Default `test`. */
  readonly caller?: string;
  readonly key?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly session?: CallSession;
}

/** A host in memory that runs one plugin behind the real wire. */
export interface TestHost {
  readonly clock: FakeClock;
  readonly paths: Paths;
  readonly store: TestStore;
  /** What the plugin declares, by full name. */
  readonly capabilities: ReadonlyMap<string, Declaration>;
  readonly logs: readonly LogMessage[];
  /** What calls have told by `call.progress`. */
  readonly progress: readonly string[];
  /** Requests that `ctx.http` has sent. */
  readonly requests: readonly Request[];
  /** Calls a capability by its full name; throws `ClayError`. */
  call(capability: string, args: Json, options?: TestCallOptions): Promise<Json>;
  tool(name: string, args?: JsonObject, options?: TestCallOptions): Promise<Json>;
  command(name: string, argument?: string): Promise<string>;
  prompt(name: string, turn?: Partial<TurnView>): Promise<string | null>;
  route(method: string, path: string, request?: Partial<RouteRequest>): Promise<RouteResponse>;
  /** Runs an external agent to its end. */
  agent(
    name: string,
    task: string,
    options?: TestCallOptions,
  ): Promise<{ events: readonly StreamEvent[]; value: Json }>;
  /** Delivers an event to every handler of the plugin; throws when one does. */
  emit<E extends EventName>(event: E, payload: Events[E]): Promise<void>;
  /** Turns the clock; schedules with `everyMs` run as they come due. */
  advance(ms: number): Promise<void>;
  /** Runs a schedule now. */
  runSchedule(name: string): Promise<Json>;
  /** Runs every probe; throws when one fails. */
  probe(): Promise<void>;
  commit(): Promise<void>;
  /** Drains the plugin, and removes what the test host made. Safe to call twice. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a plugin as the host would: `setup`, migrations, probes, `onLive`, leases; every value crosses a strict copy.
 *
 * @throws ClayError when `setup`, a migration, a probe or `onLive` fails
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { definePlugin } from '@clay/sdk';
 * import { createTestHost } from '@clay/sdk/testing';
 *
 * const plugin = definePlugin({
 *   name: 'greeter',
 *   setup(ctx) {
 *     ctx.tool({
 *       name: 'greet',
 *       description: 'Greets somebody by name.',
 *       parameters: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
 *       run: ({ name }) => `Hello, ${name}.`,
 *     });
 *   },
 * });
 *
 * await using host = await createTestHost(plugin);
 * assert.equal(await host.tool('greet', { name: 'Ada' }), 'Hello, Ada.');
 * await assert.rejects(host.tool('greet', {}), { code: 'BAD_ARGUMENTS' });
 * ```
 */
export async function createTestHost<C extends Schema>(
  code: PluginDefinition<C>,
  options: TestHostOptions = {},
): Promise<TestHost> {
  const definition: PluginDefinition<C> = { ...code, ...options.manifest, name: code.name };
  const plugin = definition.name;
  const clock = options.clock ?? createFakeClock();
  const root = options.root ?? mkdtempSync(join(tmpdir(), `clay-${plugin}-`));
  const store = createTestStore(plugin, definition.tables ?? [], options.database, options.entries);
  const removeAll = () => {
    store.close();
    if (options.root === undefined) rmSync(root, { recursive: true, force: true });
  };
  const logs: LogMessage[] = [];
  const progress: string[] = [];
  const requests: Request[] = [];
  let fault: Fault | null = null;
  const { host: port, plugin: pluginPort } = createMemoryPorts();
  const paths = pathsOf(root);
  const serve = createTestFunctions({ ...options, definition, store, paths, requests });
  const connection = new HostConnection(port, clock, {
    serve,
    log: (message) => logs.push(message),
    fault: (message) => {
      fault = message;
    },
  });
  runPlugin(definition as PluginDefinition<Schema>, pluginPort, { clock });
  const capabilities = new Map<string, Declaration>();
  let lastCall = 0;

  const call: TestHost['call'] = async (capability, args, more = {}) => {
    throwIfFaulted(fault);
    const id = `call-${++lastCall}`;
    return connection.call(callOut(id, capability, args, more, (text) => progress.push(text)));
  };

  const host: TestHost = {
    clock,
    paths,
    store,
    capabilities,
    logs,
    progress,
    requests,
    call,
    tool: (name, args = {}, more) => call(`tool:${name}`, args, more),
    command: async (name, argument = '') => (await call(`command:${name}`, { argument })) as string,
    prompt: async (name, turn = {}) =>
      (await call(`prompt:${name}`, { agent: 'clay', user: 'user', session: 'session', text: '', ...turn })) as
        | string
        | null,
    route: async (method, path, request = {}) => {
      const args = { method, path, params: {}, query: {}, headers: {}, body: '', ...request };
      return (await call(`route:${plugin}/${method} ${path}`, args)) as unknown as RouteResponse;
    },
    async agent(name, task, more = {}) {
      const events: StreamEvent[] = [];
      const id = `call-${++lastCall}`;
      const onItem = (event: StreamEvent) => {
        events.push(event);
        connection.credit(id, 1);
      };
      const out = callOut(id, `agent:${name}`, { task }, more, (text) => progress.push(text));
      return { events, value: await connection.call({ ...out, onItem }) };
    },
    async emit(event, payload) {
      const handlers = [...capabilities].filter(([, one]) => one.kind === 'event' && one.details.event === event);
      await Promise.all(handlers.map(([name]) => call(name, payload as unknown as Json)));
    },
    advance: (ms) => clock.advance(ms),
    runSchedule: (name) => call(`schedule:${plugin}/${name}`, {}),
    async probe() {
      for (const [name, declaration] of capabilities) if (declaration.kind === 'probe') await call(name, {});
    },
    commit: () => connection.commit(10_000),
    async stop() {
      if (connection.death !== null) return;
      const drained = connection.drain(0, 10_000);
      await clock.advance(0);
      await drained;
      connection.close();
      removeAll();
    },
    [Symbol.asyncDispose]: () => host.stop(),
  };

  try {
    const secrets = Object.keys(options.secrets ?? {});
    const hello = { plugin, version: definition.version ?? '0.0.0', generation: 1 };
    const ready = await connection.start(hello, { config: options.config ?? {}, paths, secrets }, 10_000);
    for (const declaration of ready.capabilities)
      capabilities.set(fullName(declaration.kind, plugin, declaration.name), declaration);
    store.migrate(ready.migrations);
    await host.probe();
    await connection.live(10_000);
    for (const lease of ready.leases) await connection.grant(lease, 10_000);
    startSchedules(host, clock, () => connection.death === null);
  } catch (error) {
    connection.close();
    removeAll();
    throw error;
  }
  return host;
}

function callOut(
  id: string,
  capability: string,
  args: Json,
  options: TestCallOptions,
  onProgress: (text: string) => void,
) {
  return {
    id,
    key: options.key ?? id,
    attempt: 1,
    capability,
    args,
    caller: options.caller ?? 'test',
    timeoutMs: options.timeoutMs ?? 60_000,
    session: options.session ?? null,
    signal: options.signal,
    onProgress,
  };
}

function startSchedules(host: TestHost, clock: FakeClock, isRunning: () => boolean): void {
  for (const [name, { kind, details }] of host.capabilities) {
    if (kind !== 'schedule' || typeof details.everyMs !== 'number') continue;
    const everyMs = details.everyMs;
    const arm = () => {
      clock.after(everyMs, () => {
        if (!isRunning()) return;
        arm();
        // A failed run is in the logs, where a test finds it; the next one comes all the same.
        host.call(name, {}, { caller: 'schedule' }).catch(() => undefined);
      });
    };
    arm();
  }
}

function pathsOf(root: string): Paths {
  return {
    root,
    data: join(root, 'data'),
    soul: join(root, 'soul'),
    public: join(root, 'public'),
    extensions: join(root, 'data', 'extensions'),
  };
}

function throwIfFaulted(fault: Fault | null): void {
  if (fault === null) return;
  throw new ClayError(fault.failure.code, `The plugin is faulted in phase ${fault.phase}: ${fault.failure.error}`, {
    phase: fault.phase,
  });
}

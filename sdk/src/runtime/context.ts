import type { CallOptions } from '../call.ts';
import type { ServiceDefinition } from '../capability.ts';
import type { Clock } from '../clock.ts';
import type { Context } from '../context.ts';
import { ClayError } from '../errors.ts';
import type { FileEntry, Files } from '../files.ts';
import type { Http, HttpOptions, HttpResponse } from '../http.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Log } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import type { SqlResult, SqlStatement, Store } from '../store.ts';
import { copyJson } from '../wire/copy.ts';
import type { HostHello, Setup } from '../wire/message.ts';
import { secretPlaceholder } from '../wire/secret-placeholder.ts';
import { packStatements, unpackResults } from '../wire/sql-blobs.ts';
import type { Declarations } from './declarations.ts';
import type { Effects } from './effects.ts';
import type { Answered, Asked } from './requests.ts';

/** What the context needs of the runtime behind it. */
export interface Behind {
  readonly hello: HostHello;
  readonly setup: Setup;
  readonly declarations: Declarations;
  readonly effects: Effects;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** Throws `CONFLICT` after `setup`, naming `method`. */
  readonly requireSetup: (method: string) => void;
  /** Throws `CONFLICT` during `setup` and after the stop, naming `method`. */
  readonly requireEffects: (method: string) => void;
  readonly onLive: (handler: () => void | Promise<void>) => void;
  readonly onCommit: (handler: () => void | Promise<void>) => void;
  readonly request: (asked: Omit<Asked, 'call'>) => Promise<Answered>;
}

/** Makes the one object that a plugin sees. */
export function createContext<Config>(behind: Behind, config: Config): Context<Config> {
  const { hello, setup, declarations } = behind;
  const declaring = <A extends unknown[]>(method: string, declare: (...args: A) => void) => {
    return (...args: A) => {
      behind.requireSetup(method);
      declare(...args);
    };
  };
  return {
    plugin: { name: hello.plugin, version: hello.version, generation: hello.generation },
    config,
    paths: setup.paths,
    signal: behind.signal,
    log: behind.log,
    clock: ownedClock(behind.clock, behind.effects, behind.signal),
    tool: declaring('ctx.tool', (definition) => declarations.tool(definition)),
    agent: declaring('ctx.agent', (definition) => declarations.agent(definition)),
    channel: declaring('ctx.channel', (definition) => declarations.channel(definition)),
    command: declaring('ctx.command', (definition) => declarations.command(definition)),
    on: declaring('ctx.on', (event, handler) =>
      declarations.event(event, (payload, call) => handler(payload as Parameters<typeof handler>[0], call)),
    ),
    route: declaring('ctx.route', (definition) => declarations.route(definition)),
    prompt: declaring('ctx.prompt', (definition) => declarations.prompt(definition)),
    schedule: declaring('ctx.schedule', (definition) => declarations.schedule(definition)),
    service: declaring('ctx.service', (definition) => declarations.service(definition as unknown as ServiceDefinition)),
    probe: declaring('ctx.probe', (definition) => declarations.probe(definition)),
    lease: declaring('ctx.lease', (definition) => declarations.lease(definition)),
    onLive: declaring('ctx.onLive', behind.onLive),
    onCommit: declaring('ctx.onCommit', behind.onCommit),
    async call(capability, args, options: CallOptions = {}) {
      behind.requireEffects('ctx.call');
      const { timeoutMs, key } = options;
      const request: JsonObject = {
        capability,
        args: copyJson(args, `The arguments of ${capability}`),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(key === undefined ? {} : { key }),
      };
      return (await behind.request({ method: 'call', args: request, signal: options.signal })).value;
    },
    effect(label, acquire) {
      behind.requireEffects('ctx.effect');
      behind.effects.add(label, acquire());
    },
    http: createHttp(behind),
    files: createFiles(behind),
    store: createStore(behind),
    secrets: createSecrets(behind),
  };
}

function createHttp(behind: Behind): Http {
  return {
    async fetch(url, options: HttpOptions = {}) {
      behind.requireEffects('ctx.http.fetch');
      const { body, signal, ...rest } = options;
      const blobs = body === undefined ? [] : [typeof body === 'string' ? new TextEncoder().encode(body) : body];
      const args = copyJson({ url: String(url), ...rest }, 'The options of ctx.http.fetch');
      const { value, blobs: bodies } = await behind.request({ method: 'http.fetch', args, signal, blobs });
      const head = value as unknown as Pick<HttpResponse, 'status' | 'url' | 'headers' | 'incomplete'>;
      const bytes = bodies[0] ?? new Uint8Array();
      const text = () => new TextDecoder().decode(bytes);
      return {
        status: head.status,
        url: head.url,
        headers: head.headers,
        body: bytes,
        ...(head.incomplete === undefined ? {} : { incomplete: head.incomplete }),
        text,
        json: () => JSON.parse(text()),
      };
    },
  };
}

function createFiles(behind: Behind): Files {
  const ask = async (method: string, path: string, blobs: readonly Uint8Array[] = []) => {
    behind.requireEffects(`ctx.files.${method}`);
    return behind.request({ method: `fs.${method}`, args: { path }, blobs });
  };
  return {
    async read(path) {
      const { blobs } = await ask('read', path);
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(blobs[0]);
      } catch (cause) {
        throw new ClayError('BAD_ARGUMENTS', `${path} is not a text: its bytes are not UTF-8.`, { cause });
      }
    },
    async write(path, text) {
      return (await ask('write', path, [new TextEncoder().encode(text)])).value as number;
    },
    async list(path) {
      return (await ask('list', path)).value as unknown as readonly FileEntry[];
    },
    async remove(path) {
      return (await ask('remove', path)).value as boolean;
    },
  };
}

function createStore(behind: Behind): Store {
  const ask = async (method: string, args: Json, blobs?: readonly Uint8Array[]) => {
    behind.requireEffects(`ctx.${method}`);
    return behind.request({ method, args, ...(blobs === undefined ? {} : { blobs }) });
  };
  return {
    async get(key) {
      const { value } = (await ask('store.get', { key })).value as { value?: Json };
      return value;
    },
    async set(key, value) {
      await ask('store.set', { key, value: copyJson(value, `The value of ${JSON.stringify(key)}`) });
    },
    async delete(key) {
      return (await ask('store.delete', { key })).value as boolean;
    },
    async list(prefix = '') {
      return (await ask('store.list', { prefix })).value as readonly string[];
    },
    migrations(steps) {
      behind.requireSetup('ctx.store.migrations');
      behind.declarations.addMigrations(steps);
    },
    async sql(sql, parameters = []) {
      const [result] = await runSql(ask, 'store.sql', [{ sql, parameters }]);
      return result!;
    },
    async transaction(statements) {
      return runSql(ask, 'store.transaction', statements);
    },
  };
}

type Ask = (method: string, args: Json, blobs: readonly Uint8Array[]) => Promise<Answered>;

async function runSql(ask: Ask, method: string, statements: readonly SqlStatement[]): Promise<readonly SqlResult[]> {
  const { value, blobs } = packStatements(statements);
  return unpackResults(await ask(method, { statements: value }, blobs));
}

function createSecrets(behind: Behind): Secrets {
  return {
    handle(name) {
      if (!behind.setup.secrets.includes(name)) {
        throw new ClayError(
          'REFUSED',
          `The secret "${name}" is not among this plugin's permissions: declare "secret:${name}@<host>".`,
        );
      }
      return secretPlaceholder(name);
    },
    async has(name) {
      behind.requireEffects('ctx.secrets.has');
      return (await behind.request({ method: 'secrets.has', args: { name } })).value as boolean;
    },
  };
}

/** A clock whose timers end with the generation, so that a forgotten one cannot fire into a stopped plugin. */
function ownedClock(clock: Clock, effects: Effects, signal: AbortSignal): Clock {
  const pending = new Set<() => void>();
  let isRegistered = false;
  return {
    now: () => clock.now(),
    after(ms, callback) {
      if (signal.aborted) return () => {};
      if (!isRegistered) {
        isRegistered = true;
        effects.add('timers', () => {
          for (const cancel of pending) cancel();
        });
      }
      const cancel = clock.after(ms, () => {
        pending.delete(cancel);
        callback();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    },
    sleep: (ms, own) => clock.sleep(ms, own === undefined ? signal : AbortSignal.any([own, signal])),
  };
}

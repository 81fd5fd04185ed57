import type { Clock } from '../clock.ts';
import type { PluginDefinition } from '../define-plugin.ts';
import { ClayError, toFailure } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Log } from '../log.ts';
import { parseWith } from '../schema/parameters.ts';
import type { Schema } from '../schema/schema.ts';
import {
  type Done,
  type Fault,
  type HostHello,
  type HostMessage,
  oldestProtocol,
  type PluginMessage,
  protocol,
  type Setup,
} from '../wire/message.ts';
import type { Port } from '../wire/port.ts';
import { Calls } from './calls.ts';
import { createContext } from './context.ts';
import { Declarations } from './declarations.ts';
import { Effects } from './effects.ts';
import { locate, locatedFailure } from './location.ts';
import { Requests } from './requests.ts';

/** `new` → `setup` (declare only) → `staged` (serves probes) → `starting` (onLive) → `live` → `draining` → `stopped`. */
type Phase = 'new' | 'setup' | 'staged' | 'starting' | 'live' | 'draining' | 'stopped';

/** What {@link runPlugin} works with. */
export interface RunPluginOptions {
  readonly clock: Clock;
}

/** The version of the SDK, told in the handshake. */
export const sdkVersion = '0.1.0';

/**
 * Runs a plugin at its end of a line: answers the host's messages until it says `drain` or the line closes.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 * import { runPlugin } from '@clay/sdk/runtime';
 * import { createFakeClock } from '@clay/sdk/testing';
 * import { createMemoryPorts } from '@clay/sdk/wire';
 *
 * const { host, plugin } = createMemoryPorts();
 * runPlugin(definePlugin({ name: 'nothing', setup() {} }), plugin, { clock: createFakeClock() });
 * host.receive((message) => console.log(message.type));
 * host.send({ type: 'hello', protocol: { min: 1, max: 1 }, plugin: 'nothing', version: '1.0.0', generation: 1 });
 * ```
 */
export function runPlugin(
  definition: PluginDefinition<Schema>,
  port: Port<PluginMessage, HostMessage>,
  options: RunPluginOptions,
): void {
  new PluginRuntime(definition, port, options.clock).start();
}

class PluginRuntime {
  readonly #definition: PluginDefinition<Schema>;
  readonly #port: Port<PluginMessage, HostMessage>;
  readonly #clock: Clock;
  readonly #calls: Calls;
  readonly #requests: Requests;
  readonly #effects = new Effects();
  readonly #stop = new AbortController();
  readonly #log: Log;
  readonly #granted = new Map<
    string,
    { readonly controller: AbortController; release: (() => void | Promise<void>) | null }
  >();
  #declarations: Declarations;
  #phase: Phase = 'new';
  #hello: HostHello | null = null;
  #onLive: (() => void | Promise<void>)[] = [];
  #onCommit: (() => void | Promise<void>)[] = [];
  #live: Promise<void> | null = null;

  constructor(definition: PluginDefinition<Schema>, port: Port<PluginMessage, HostMessage>, clock: Clock) {
    this.#definition = definition;
    this.#port = port;
    this.#clock = clock;
    this.#log = createWireLog(port);
    this.#calls = new Calls({ port, clock, log: this.#log });
    this.#requests = new Requests(port);
    this.#declarations = new Declarations(definition.name);
  }

  start(): void {
    this.#port.receive((message) => this.#handle(message));
    this.#port.closed.then((reason) => this.#end(reason ?? new ClayError('CANCELLED', 'The host closed the line.')));
  }

  #handle(message: HostMessage): void {
    switch (message.type) {
      case 'hello':
        this.#greet(message);
        break;
      case 'setup':
        this.#own('setup', this.#setup(message));
        break;
      case 'live':
        this.#live = this.#goLive();
        this.#own('live', this.#live);
        break;
      case 'commit':
        this.#own(
          'run',
          this.#step('commit', () => runAll(this.#onCommit)),
        );
        break;
      case 'call':
        this.#call(message);
        break;
      case 'cancel':
        this.#calls.cancel(message.id, new ClayError(message.code, message.reason));
        break;
      case 'credit':
        this.#calls.addCredit(message.id, message.count);
        break;
      case 'answer':
        this.#requests.settle(message);
        break;
      case 'grant':
        this.#own('run', this.#grant(message.lease));
        break;
      case 'revoke':
        this.#own(
          'run',
          this.#step('revoke', () => this.#revoke(message.lease), message.lease),
        );
        break;
      case 'ping':
        this.#port.send({ type: 'pong', id: message.id, rssBytes: globalThis.process?.memoryUsage.rss() ?? 0 });
        break;
      case 'drain':
        this.#own('run', this.#drain(message.graceMs));
        break;
    }
  }

  #greet(hello: HostHello): void {
    const chosen = Math.min(protocol, hello.protocol.max);
    if (chosen < oldestProtocol || chosen < hello.protocol.min) {
      const range = `${hello.protocol.min}–${hello.protocol.max}`;
      const message = `The host speaks protocol ${range}, this plugin's SDK ${oldestProtocol}–${protocol}: build the plugin with the host's SDK.`;
      this.#fault('hello', new ClayError('WIRE', message));
      return;
    }
    this.#hello = hello;
    this.#declarations = new Declarations(hello.plugin);
    this.#port.send({ type: 'hello', protocol: chosen, sdk: sdkVersion });
  }

  async #setup(setup: Setup): Promise<void> {
    const hello = this.#hello;
    if (hello === null || this.#phase !== 'new') {
      return this.#fault('hello', new ClayError('WIRE', '"setup" came twice or before "hello".'));
    }
    this.#phase = 'setup';
    let config: unknown = setup.config;
    try {
      const schema = this.#definition.config;
      if (schema !== undefined)
        config = await parseWith(
          schema,
          setup.config,
          `The configuration of plugin "${hello.plugin}" (plugins.${hello.plugin} in clay.json)`,
        );
    } catch (thrown) {
      return this.#fault('config', thrown);
    }
    const ctx = createContext<unknown>(
      {
        hello,
        setup,
        declarations: this.#declarations,
        effects: this.#effects,
        signal: this.#stop.signal,
        clock: this.#clock,
        log: this.#log,
        requireSetup: (method) => this.#requireSetup(method),
        requireEffects: (method) => this.#requireEffects(method),
        onLive: (handler) => this.#onLive.push(handler),
        onCommit: (handler) => this.#onCommit.push(handler),
        request: (asked) => {
          const call = this.#calls.current;
          const signal = asked.signal ?? call?.signal ?? this.#stop.signal;
          return this.#requests.send({ ...asked, signal, call: call?.id ?? null });
        },
      },
      config,
    );
    try {
      await this.#definition.setup(ctx);
      const { capabilities, migrations, leases } = this.#declarations;
      this.#phase = 'staged';
      this.#port.send({ type: 'ready', capabilities, migrations, leases: [...leases.keys()] });
    } catch (thrown) {
      this.#fault('setup', thrown);
    }
  }

  async #goLive(): Promise<void> {
    this.#phase = 'starting';
    await this.#step('live', () => runAll(this.#onLive));
    if (this.#phase === 'starting') this.#phase = 'live';
  }

  #call(message: Extract<HostMessage, { type: 'call' }>): void {
    const handler = this.#declarations.handlers.get(message.capability);
    // A refusal comes without an ack: the host may send the call to another generation.
    const refuse = (code: 'UNAVAILABLE' | 'CAPABILITY_UNKNOWN', what: string) =>
      this.#port.send({
        type: 'reply',
        id: message.id,
        failure: { error: `The plugin "${this.#definition.name}" ${what}.`, code },
      });
    if (this.#phase === 'new' || this.#phase === 'setup') refuse('UNAVAILABLE', 'is not set up yet');
    else if (this.#phase === 'draining' || this.#phase === 'stopped') refuse('UNAVAILABLE', 'is stopping');
    else if (handler === undefined) refuse('CAPABILITY_UNKNOWN', `does not provide ${message.capability}`);
    else this.#own('run', this.#calls.serve(message, handler, this.#phase === 'starting' ? this.#live : null));
  }

  async #grant(lease: string): Promise<void> {
    const definition = this.#declarations.leases.get(lease);
    await this.#step(
      'grant',
      async () => {
        if (definition === undefined) throw new ClayError('NOT_FOUND', `The lease "${lease}" was not declared.`);
        if (this.#granted.has(lease)) return;
        const held = { controller: new AbortController(), release: null as (() => void | Promise<void>) | null };
        this.#granted.set(lease, held);
        try {
          held.release = (await definition.onGrant(held.controller.signal)) ?? null;
        } catch (thrown) {
          this.#granted.delete(lease);
          throw thrown;
        }
      },
      lease,
    );
  }

  async #revoke(lease: string): Promise<void> {
    const held = this.#granted.get(lease);
    if (held === undefined) return;
    this.#granted.delete(lease);
    held.controller.abort(new ClayError('CANCELLED', `The lease "${lease}" was revoked.`));
    await held.release?.();
  }

  async #drain(graceMs: number): Promise<void> {
    if (this.#phase === 'draining' || this.#phase === 'stopped') return;
    this.#phase = 'draining';
    const cancelGrace = this.#clock.after(graceMs, () =>
      this.#calls.cancelAll(
        new ClayError('CANCELLED', `The plugin "${this.#definition.name}" stops; the call had ${graceMs} ms to end.`),
      ),
    );
    if (graceMs <= 0) this.#calls.cancelAll(new ClayError('CANCELLED', `The plugin "${this.#definition.name}" stops.`));
    await this.#calls.idle();
    cancelGrace();
    await this.#release();
    this.#done('drain');
  }

  async #release(): Promise<void> {
    const onFailure = (label: string, thrown: unknown) =>
      this.#log.error('effect.release.failed', {
        effect: label,
        error: toFailure(thrown).error,
        location: locate(thrown),
      });
    for (const lease of [...this.#granted.keys()].reverse()) {
      await this.#revoke(lease).catch((thrown) => onFailure(`lease ${lease}`, thrown));
    }
    // Last, so that what a lease has let in, such as a message that was read, can still be handed on.
    this.#stop.abort(new ClayError('CANCELLED', `The plugin "${this.#definition.name}" stopped.`));
    await this.#effects.release(onFailure);
    this.#phase = 'stopped';
    this.#requests.rejectAll(new ClayError('CANCELLED', `The plugin "${this.#definition.name}" stopped.`));
  }

  #end(reason: ClayError): void {
    if (this.#phase === 'stopped') return;
    this.#calls.cancelAll(reason);
    this.#requests.rejectAll(reason);
    this.#own('run', this.#release());
  }

  async #step(step: Done['step'], run: () => Promise<void>, lease?: string): Promise<void> {
    try {
      await run();
      this.#done(step, lease);
    } catch (thrown) {
      this.#log.error('step.failed', { step, error: toFailure(thrown).error, location: locate(thrown) });
      this.#done(step, lease, locatedFailure(thrown));
    }
  }

  #done(step: Done['step'], lease?: string, failure?: Done['failure']): void {
    this.#port.send({
      type: 'done',
      step,
      ...(lease === undefined ? {} : { lease }),
      ...(failure === undefined ? {} : { failure }),
    });
  }

  /** Every background task ends here when it fails: a bug of the runtime is a fault of this generation, never silence. */
  #own(phase: Fault['phase'], task: Promise<void>): void {
    task.catch((thrown) => this.#fault(phase, thrown));
  }

  #fault(phase: Fault['phase'], thrown: unknown): void {
    this.#port.send({ type: 'fault', phase, failure: toFailure(thrown), location: locate(thrown) });
  }

  #requireSetup(method: string): void {
    if (this.#phase === 'setup') return;
    throw new ClayError('CONFLICT', `${method} was called after setup. Declare everything before setup returns.`);
  }

  #requireEffects(method: string): void {
    switch (this.#phase) {
      case 'starting':
      case 'live':
      case 'draining':
        return;
      case 'staged':
        // A probe's call may use everything; nothing else runs before the swap.
        if (this.#calls.current !== undefined) return;
        break;
      case 'stopped':
        throw new ClayError(
          'CANCELLED',
          `${method} was called after the plugin "${this.#definition.name}" had stopped.`,
        );
      case 'new':
      case 'setup':
        break;
    }
    throw new ClayError(
      'CONFLICT',
      `${method} has an effect, and setup may only declare. Do it in ctx.onLive or in a handler.`,
    );
  }
}

async function runAll(handlers: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const handler of handlers) await handler();
}

function createWireLog(port: Port<PluginMessage, HostMessage>): Log {
  const write =
    (level: keyof Log) =>
    (event: string, fields: JsonObject = {}) => {
      port.send({ type: 'log', level, event: String(event), fields: printable(fields) });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const maxLogChars = 32_768;

// A log line must never fail the work that it tells of: what cannot cross is told as text.
function printable(fields: JsonObject): JsonObject {
  try {
    const text = JSON.stringify(fields);
    if (text.length <= maxLogChars) return JSON.parse(text) as JsonObject;
    return { cut: text.length, head: text.slice(0, maxLogChars) };
  } catch {
    return { fields: String(fields) };
  }
}

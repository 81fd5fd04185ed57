import { type CallSession, ClayError, type Clock, type Json, type Log, type Manifest, type Paths } from '@clay/sdk';
import {
  type CallOut,
  type Declaration,
  type Fault,
  fullName,
  HostConnection,
  type Ready,
  type ServedAnswer,
  type ServedRequest,
} from '@clay/sdk/wire';
import type { LeaseHolder } from '../leases/lease-table.ts';
import type { Capability } from '../registry/registry.ts';
import type { Target } from '../router/targets.ts';
import { Scope } from '../scope/scope.ts';
import type { Transport } from './transport.ts';

export interface GenerationOptions {
  readonly manifest: Manifest;
  readonly number: number;
  /** Of bundle and manifest. */
  readonly hash: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Answers the plugin's host functions. */
  readonly serve: (request: ServedRequest) => Promise<ServedAnswer>;
  /** The generation cannot go on. */
  readonly onFault: (fault: Fault) => void;
  /** It is set up and proven, and never told that it serves. Default: it is. */
  readonly isRehearsal?: boolean;
}

/** What the plugin gets to know in `setup`. */
export interface SetupData {
  readonly config: Json;
  readonly paths: Paths;
  readonly secrets: readonly string[];
}

const probeTimeoutMs = 5_000;
const releaseMs = 5_000;

/** One life of a build: its line, and everything held for it. What state the generation is in is not its business. */
export class Generation implements Target, LeaseHolder {
  readonly manifest: Manifest;
  readonly generation: number;
  readonly hash: string;
  readonly scope: Scope;
  readonly #options: GenerationOptions;
  #connection: HostConnection | null = null;
  #ready: Ready | null = null;
  #lastProbe = 0;

  constructor(options: GenerationOptions) {
    this.#options = options;
    this.manifest = options.manifest;
    this.generation = options.number;
    this.hash = options.hash;
    this.scope = new Scope(options.log);
  }

  get plugin(): string {
    return this.manifest.name;
  }

  /** There is a line to it: what it does wrong from now on is its own. */
  get isOpened(): boolean {
    return this.#connection !== null;
  }

  /** `setup` is through. */
  get isReady(): boolean {
    return this.#ready !== null;
  }

  /** What `setup` declared. Throws before that. */
  get ready(): Ready {
    if (this.#ready === null) throw new ClayError('CONFLICT', `The plugin "${this.plugin}" is not set up yet.`);
    return this.#ready;
  }

  /** Opens the line and runs `setup`. */
  async stage(setup: SetupData): Promise<void> {
    const { transport, clock, serve, log, onFault } = this.#options;
    const port = await transport.open();
    const connection = new HostConnection(port, clock, {
      serve,
      log: ({ level, event, fields }) => log[level](event, fields),
      fault: onFault,
    });
    this.#connection = connection;
    this.scope.hold('line', () => connection.close());
    const hello = { plugin: this.plugin, version: this.manifest.version, generation: this.generation };
    this.#ready = await connection.start(hello, setup, this.manifest.limits.startMs);
  }

  /** What it declared, as the registry keeps it. */
  capabilities(): readonly Capability[] {
    return this.ready.capabilities.map((one) => toCapability(one, this.plugin, this.generation));
  }

  /** Runs every probe of the manifest and of the code; throws what the first failing one says. */
  async probe(): Promise<void> {
    for (const capability of this.capabilities()) {
      if (capability.kind !== 'probe') continue;
      const { timeoutMs } = capability.details;
      await this.#probeCall(
        capability.name,
        capability.fullName,
        {},
        typeof timeoutMs === 'number' ? timeoutMs : probeTimeoutMs,
      );
    }
    for (const { name, call, args, expect } of this.manifest.probes) {
      const value = await this.#probeCall(name, call, args, probeTimeoutMs);
      if (expect === undefined || contains(value, expect)) continue;
      throw new ClayError(
        'CONFLICT',
        `The probe "${name}" expected ${call} to give ${JSON.stringify(expect)}, it gave ${JSON.stringify(value)}.`,
        { phase: 'probe' },
      );
    }
  }

  /** Runs `onLive`. */
  async live(): Promise<void> {
    if (!this.#options.isRehearsal) await this.#line().live(this.manifest.limits.startMs);
  }

  /** Runs `onCommit`. */
  async commit(): Promise<void> {
    if (!this.#options.isRehearsal) await this.#line().commit(this.manifest.limits.startMs);
  }

  call(call: CallOut): Promise<Json> {
    return this.#line().call(call);
  }

  credit(id: string, count: number): void {
    this.#connection?.credit(id, count);
  }

  async grant(lease: string): Promise<void> {
    if (!this.#options.isRehearsal) await this.#line().grant(lease, this.manifest.limits.startMs);
  }

  revoke(lease: string): Promise<void> {
    return this.#line().revoke(lease, releaseMs);
  }

  ping(timeoutMs: number): Promise<number> {
    return this.#line().ping(timeoutMs);
  }

  /** Ends it: open calls get `graceMs`, then everything that is held is released. Never throws. */
  async stop(graceMs: number): Promise<void> {
    const connection = this.#connection;
    // One that never was set up has nothing to let end, and may not even listen.
    if (connection !== null && connection.death === null && this.#ready !== null) {
      try {
        await connection.drain(graceMs, releaseMs);
      } catch (error) {
        this.#options.log.warn('generation.drain.failed', {
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
    await this.scope.release();
  }

  async #probeCall(name: string, capability: string, args: Json, timeoutMs: number): Promise<Json> {
    try {
      return await this.call({
        ...probeCall,
        id: `probe-${++this.#lastProbe}`,
        key: `probe-${this.#lastProbe}`,
        capability,
        args,
        timeoutMs,
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const { code, details } = cause instanceof ClayError ? cause : new ClayError('INTERNAL', reason);
      throw new ClayError(code, `The probe "${name}" failed: ${reason}`, { ...details, phase: 'probe', cause });
    }
  }

  #line(): HostConnection {
    if (this.#connection === null) throw new ClayError('UNAVAILABLE', `The plugin "${this.plugin}" is not running.`);
    return this.#connection;
  }
}

const probeCall = { attempt: 1, caller: 'host', session: null as CallSession | null };

function toCapability(
  { kind, name, description, parameters, details }: Declaration,
  plugin: string,
  generation: number,
): Capability {
  const full = fullName(kind, plugin, name);
  return {
    kind,
    name: full.slice(kind.length + 1),
    fullName: full,
    plugin,
    generation,
    description,
    parameters,
    details,
  };
}

/** Whether `value` holds everything that `expected` names. */
function contains(value: Json, expected: Json): boolean {
  if (typeof expected !== 'object' || expected === null) return value === expected;
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(expected)) return false;
  const members = value as Readonly<Record<string, Json>>;
  return Object.entries(expected).every(
    ([name, member]) => Object.hasOwn(members, name) && contains(members[name]!, member),
  );
}

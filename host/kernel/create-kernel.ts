import { createHash } from 'node:crypto';
import {
  ClayError,
  type Clock,
  type EventName,
  type Events,
  type Json,
  type Log,
  type ManifestSetting,
  type Paths,
} from '@clay/sdk';
import type { Fault } from '@clay/sdk/wire';
import type { Config } from '../config/config.ts';
import { Generation } from '../generations/generation.ts';
import { createHostFunctions } from '../generations/host-functions.ts';
import { createInlineTransport } from '../generations/inline-transport.ts';
import { takesCalls } from '../generations/state.ts';
import { startOrder } from '../graph/start-order.ts';
import type { Journal } from '../journal/journal.ts';
import { LeaseTable } from '../leases/lease-table.ts';
import { createFileAccess, type FileAccess } from '../policy/files/file-access.ts';
import { createOutboundHttp, type OutboundHttp } from '../policy/outbound-http.ts';
import { secretNames } from '../policy/permissions.ts';
import { CapabilityTable } from '../registry/capability-table.ts';
import type { Registry } from '../registry/registry.ts';
import { PluginRouter } from '../router/plugin-router.ts';
import type { Router } from '../router/router.ts';
import type { Target, Targets } from '../router/targets.ts';
import type { PluginStore } from '../store/plugin-storage.ts';
import type { Store } from '../store/store.ts';
import { parseCron } from './cron.ts';
import type { Kernel } from './kernel.ts';
import { inPhase, messageOf, withPhase } from './phase.ts';
import { PluginEntry } from './plugin-entry.ts';
import type { PluginSource } from './plugin-source.ts';
import type { PluginPhase, PluginStatus } from './plugin-status.ts';
import { grantPermissions, readManifest } from './read-manifest.ts';
import { Schedules } from './schedules.ts';

export interface KernelOptions {
  readonly config: Pick<Config, 'paths' | 'plugins' | 'ceilings' | ManifestSetting>;
  readonly store: Pick<Store, 'plugins'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** The value of a secret, by name. Default: none is set. */
  readonly secret?: (name: string) => string | undefined;
  /** Values that must not stand in the journal, such as keys and tokens. Default: none. */
  readonly hidden?: () => readonly string[];
  /** Default: to public addresses. */
  readonly http?: OutboundHttp;
}

/** Rows of the journal are pruned this often. */
const pruneEveryMs = 6 * 3_600_000;

/** Makes a kernel that runs nothing yet. */
export function createKernel(options: KernelOptions): Kernel {
  return new PluginKernel(options);
}

class PluginKernel implements Kernel, Targets {
  readonly registry: Registry;
  readonly router: Router;
  readonly #options: KernelOptions;
  readonly #table = new CapabilityTable();
  readonly #leases = new LeaseTable();
  readonly #entries = new Map<string, PluginEntry>();
  readonly #http: OutboundHttp;
  readonly #files: FileAccess;
  readonly #secret: (name: string) => string | undefined;
  readonly #schedules: Schedules;
  /** In the order of going live; stopped from the end. */
  #running: PluginEntry[] = [];
  #cancelPrune: () => void = () => {};
  #isStopping = false;

  constructor(options: KernelOptions) {
    const { clock, log, journal } = options;
    this.#options = options;
    this.#secret = options.secret ?? (() => undefined);
    this.#http = options.http ?? createOutboundHttp({ clock, secret: this.#secret });
    this.#files = createFileAccess({ paths: toPaths(options.config.paths) });
    this.registry = this.#table;
    const secrets = options.hidden ?? (() => []);
    this.router = new PluginRouter({
      registry: this.#table,
      targets: this,
      journal: journal.calls,
      clock,
      log,
      secrets,
    });
    const call = (capability: string) => this.router.call({ capability, args: {}, caller: 'schedule' });
    this.#schedules = new Schedules({ registry: this.#table, call, clock, log });
    this.#prune();
  }

  plugins(): readonly PluginStatus[] {
    return [...this.#entries.values()]
      .map((entry) => entry.status(this.#table.ofPlugin(entry.source.name)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(plugin: string): Target {
    const generation = this.#entries.get(plugin)?.generation;
    if (generation !== undefined && generation !== null && takesCalls(generation.state)) return generation;
    throw new ClayError(
      'UNAVAILABLE',
      `The plugin "${plugin}" is not running${generation ? ` (${generation.state})` : ''}.`,
    );
  }

  async start(sources: readonly PluginSource[]): Promise<void> {
    const entries = sources.map((source) => this.#admit(source)).filter((entry) => entry !== null);
    this.#warnOfUnreadSections();
    // Setup only declares, so all run at once; what is declared then gives the order of going live.
    await Promise.all(entries.map((entry) => this.#try(entry, 'setup', () => this.#stage(entry))));
    const staged = entries.filter((entry) => entry.failure === null);
    await this.#refuseDoubles(staged);
    for (const entry of await this.#inOrder(staged.filter((one) => one.failure === null))) {
      await this.#try(entry, 'live', () => this.#goLive(entry));
    }
  }

  async emit<E extends EventName>(event: E, payload: Events[E]): Promise<void> {
    const handlers = this.#table.list('event').filter((one) => one.details.event === event);
    await Promise.all(
      handlers.map(async ({ fullName, plugin }) => {
        try {
          await this.router.call({ capability: fullName, args: payload as unknown as Json, caller: 'host' });
        } catch (error) {
          this.#options.log.error('event.failed', { event, plugin, error: messageOf(error) });
        }
      }),
    );
  }

  async stop(drainMs?: number): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#schedules.stop();
    this.#cancelPrune();
    for (let entry = this.#running.pop(); entry !== undefined; entry = this.#running.pop()) {
      const { generation, manifest } = entry;
      if (generation === null || manifest === null || !takesCalls(generation.state)) continue;
      this.#note(() => generation.move('draining', 'the host stops'));
      await generation.stop(drainMs ?? manifest.limits.drainMs);
      this.#note(() => generation.move('stopped', 'the host stops'));
    }
  }

  #admit(source: PluginSource): PluginEntry | null {
    const other = this.#entries.get(source.name);
    if (other !== undefined) {
      this.#options.log.error('plugin.refused', {
        plugin: source.name,
        error: `Two plugins are called "${source.name}": the first (${other.source.origin}) runs, the second (${source.origin}) does not.`,
      });
      return null;
    }
    const entry = new PluginEntry(source);
    this.#entries.set(source.name, entry);
    return entry;
  }

  /** Runs a step of a plugin's start; a failure is reported and stays with the plugin. */
  async #try(entry: PluginEntry, phase: PluginPhase, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (thrown) {
      await this.#reject(entry, phase, thrown);
    }
  }

  async #reject(entry: PluginEntry, phase: PluginPhase, thrown: unknown): Promise<void> {
    const failure = entry.fail(phase, thrown);
    const { name } = entry.source;
    this.#options.log.error('plugin.failed', {
      plugin: name,
      phase: failure.phase,
      code: failure.code,
      error: failure.message,
      location: failure.location,
    });
    const { generation } = entry;
    if (generation === null) return;
    this.#table.remove(name, generation.generation);
    const wasLive = takesCalls(generation.state);
    await generation.stop(0);
    this.#note(() => generation.move(wasLive ? 'crashed' : 'rejected', failure.message, wasLive ? null : undefined));
  }

  async #stage(entry: PluginEntry): Promise<void> {
    const { source } = entry;
    const { config, clock, log, journal } = this.#options;
    const storage = this.#options.store.plugins;
    const definition = await inPhase('load', () => source.load());
    const manifest = await readManifest(source, definition);
    entry.manifest = manifest;
    entry.permissions = grantPermissions(source, manifest, config.ceilings, log);
    let store: PluginStore | null = null;
    const generation = new Generation({
      manifest,
      number: 0,
      hash: createHash('sha256').update(JSON.stringify(manifest)).digest('hex'),
      transport: createInlineTransport(manifest.name, async () => definition, clock),
      clock,
      log: withPlugin(log, manifest.name),
      journal: journal.generations,
      serve: createHostFunctions({
        manifest,
        permissions: entry.permissions,
        store: () => {
          store ??= storage.for(manifest.name, manifest.tables);
          return store;
        },
        call: (request) => this.router.call(request),
        http: this.#http,
        files: this.#files,
        secret: this.#secret,
        clock,
      }),
      onFault: (fault) => this.#faulted(entry, fault),
    });
    entry.generation = generation;
    await generation.stage({
      config: {
        ...Object.fromEntries(manifest.settings.map((name) => [name, config[name]])),
        ...config.plugins[manifest.name],
      },
      paths: toPaths(config.paths),
      secrets: secretNames(entry.permissions),
    });
  }

  /** A section under a misspelt name would otherwise do nothing, without a word. */
  #warnOfUnreadSections(): void {
    const { config, log } = this.#options;
    const plugins = [...this.#entries.keys()];
    for (const section of Object.keys(config.plugins)) {
      if (plugins.includes(section)) continue;
      const known = plugins.join(', ') || 'none';
      log.warn('config.section_unread', {
        section: `plugins.${section}`,
        message: `No plugin has this name; there are: ${known}.`,
      });
    }
  }

  /** Two owners of one name: the first keeps it, the other does not start. */
  async #refuseDoubles(entries: readonly PluginEntry[]): Promise<void> {
    const owners = new Map<string, string>();
    for (const entry of entries) {
      const { name } = entry.source;
      await this.#try(entry, 'register', async () => {
        const capabilities = entry.generation!.capabilities();
        this.#table.check(name, capabilities);
        for (const { fullName, details } of capabilities) {
          if (typeof details.cron === 'string') parseCron(details.cron);
          const owner = owners.get(fullName);
          if (owner !== undefined && owner !== name) {
            throw new ClayError(
              'CONFLICT',
              `${fullName} is provided by plugin "${owner}" already; plugin "${name}" cannot provide it too.`,
            );
          }
        }
        for (const { fullName } of capabilities) owners.set(fullName, name);
      });
    }
  }

  async #inOrder(entries: readonly PluginEntry[]): Promise<readonly PluginEntry[]> {
    const running = this.#running.map((entry) => entry.source.name);
    const nodes = entries.map((entry) => ({
      name: entry.source.name,
      requires: entry.manifest!.requires.filter((name) => this.#table.get(name) === undefined),
      optional: entry.manifest!.optional,
      provides: entry.generation!.capabilities().map((one) => one.fullName),
    }));
    const { order, refused } = startOrder(nodes);
    for (const entry of entries) {
      const reason = refused.get(entry.source.name);
      if (reason !== undefined) await this.#reject(entry, 'requires', new ClayError('UNAVAILABLE', reason));
    }
    return order.filter((name) => !running.includes(name)).map((name) => this.#entries.get(name)!);
  }

  async #goLive(entry: PluginEntry): Promise<void> {
    const { store, journal } = this.#options;
    const manifest = entry.manifest!;
    const generation = entry.generation!;
    for (const name of manifest.requires) {
      if (this.#table.get(name) !== undefined) continue;
      throw withPhase(
        'requires',
        new ClayError('UNAVAILABLE', `"${manifest.name}" requires ${name}, whose provider did not start.`),
      );
    }
    const { migrations, leases } = generation.ready;
    if (migrations.length > 0) {
      await inPhase('migrate', async () => store.plugins.for(manifest.name, manifest.tables).migrate(migrations));
    }
    await inPhase('probe', () => generation.probe());
    // The flip: the pointer and the names, with nothing awaited in between.
    generation.move('probation', 'its probes passed', generation.generation);
    this.#table.replace(manifest.name, generation.capabilities());
    generation.scope.hold('capabilities', () => this.#table.remove(manifest.name, generation.generation));
    await inPhase('live', () => generation.live());
    for (const lease of leases) {
      await inPhase('live', () => this.#leases.pass(lease, generation));
      journal.generations.leased(lease, manifest.name, generation.generation);
      generation.scope.hold(`lease ${lease}`, () => {
        // The drain has made the plugin let go already.
        this.#leases.forget(generation);
        journal.generations.released(lease);
      });
    }
    // What ships in the image was proven when the image was built: no probation beyond its probes.
    generation.move('committed', 'shipped with the image');
    await generation.commit();
    this.#running.push(entry);
    this.#options.log.info('plugin.live', { plugin: manifest.name, capabilities: generation.capabilities().length });
    await this.emit('generation.changed', {
      plugin: manifest.name,
      generation: generation.generation,
      state: generation.state,
    });
  }

  #faulted(entry: PluginEntry, fault: Fault): void {
    const { generation } = entry;
    if (generation === null || !takesCalls(generation.state)) return;
    const message = fault.failure.error;
    const { plugin, generation: number, hash } = generation;
    this.#note(() =>
      this.#options.journal.generations.crash({
        plugin,
        generation: number,
        hash,
        phase: fault.phase,
        signature: `${fault.phase} ${fault.location ?? message}`,
        message,
      }),
    );
    const error = new ClayError(fault.failure.code, message, {
      phase: fault.phase,
      data: { location: fault.location },
    });
    this.#reject(entry, 'run', error).catch((thrown) =>
      this.#options.log.error('plugin.reject.failed', { plugin, error: messageOf(thrown) }),
    );
  }

  /** A journal that cannot be written must not keep a plugin running that has to stop. */
  #note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.log.error('journal.write.failed', { error: messageOf(error) });
    }
  }

  #prune(): void {
    const { clock, journal, log } = this.#options;
    this.#cancelPrune = clock.after(pruneEveryMs, () => {
      try {
        log.debug('journal.pruned', { rows: journal.prune() });
      } catch (error) {
        log.error('journal.write.failed', { error: messageOf(error) });
      }
      if (!this.#isStopping) this.#prune();
    });
  }
}

function toPaths({ root, data, soul, public: publicPath, extensions }: Config['paths']): Paths {
  return { root, data, soul, public: publicPath, extensions };
}

function withPlugin(log: Log, plugin: string): Log {
  return {
    debug: (event, fields) => log.debug(event, { plugin, ...fields }),
    info: (event, fields) => log.info(event, { plugin, ...fields }),
    warn: (event, fields) => log.warn(event, { plugin, ...fields }),
    error: (event, fields) => log.error(event, { plugin, ...fields }),
  };
}

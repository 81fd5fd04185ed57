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
import type { Config } from '../config/config.ts';
import type { Build } from '../generations/build.ts';
import { Generation } from '../generations/generation.ts';
import { createHostFunctions } from '../generations/host-functions.ts';
import { messageOf } from '../generations/phase.ts';
import { toPluginFailure } from '../generations/plugin-failure.ts';
import type { Journal } from '../journal/journal.ts';
import { LeaseTable } from '../leases/lease-table.ts';
import { GenerationMedic } from '../medic/generations/generation-medic.ts';
import type { MakeGeneration, Start } from '../medic/generations/life.ts';
import type { Medic } from '../medic/generations/medic.ts';
import type { DataKeeper, Incident, LastHost } from '../medic/generations/medic-options.ts';
import type { WantedServices } from '../medic/pulse/plugin-services.ts';
import type { Rules } from '../medic/rules.ts';
import type { Approvals } from '../policy/approval/approvals.ts';
import { createFileAccess, type FileAccess } from '../policy/files/file-access.ts';
import { createOutboundHttp, type OutboundHttp } from '../policy/outbound-http.ts';
import { secretNames } from '../policy/permissions.ts';
import { Redactor } from '../policy/redaction/redactor.ts';
import { CapabilityTable } from '../registry/capability-table.ts';
import type { Registry } from '../registry/registry.ts';
import { PluginRouter } from '../router/plugin-router.ts';
import type { Router } from '../router/router.ts';
import type { PluginStore } from '../store/plugin-storage.ts';
import type { Store } from '../store/store.ts';
import { parseCron } from './cron.ts';
import { HostCapabilities, type HostCapability } from './host-capabilities.ts';
import type { Kernel } from './kernel.ts';
import { type OfferedTool, toCapability } from './offered-tool.ts';
import type { PluginSource } from './plugin-source.ts';
import type { PluginStatus } from './plugin-status.ts';
import { type Grant, grantPermissions } from './read-manifest.ts';
import { requireOwnName, requireRights, settingsFor } from './rights.ts';
import { Schedules } from './schedules.ts';
import { buildOf, type ProcessSurroundings } from './shipped-build.ts';

export interface KernelOptions {
  readonly config: Pick<Config, 'paths' | 'plugins' | 'ceilings' | ManifestSetting>;
  readonly store: Pick<Store, 'plugins'>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** The value of a secret, by name. Default: none is set. */
  readonly secret?: (name: string) => string | undefined;
  /** Makes calls wait for a person's yes. Default: none does. */
  readonly approvals?: Approvals;
  /** Takes keys and tokens out of the journal; hears of those that manifests name. Default: there are none. */
  readonly redactor?: Redactor;
  /** Default: to public addresses. */
  readonly http?: OutboundHttp;
  /** Builds that an earlier host has kept. Default: there are none. */
  readonly load?: (plugin: string, generation: number) => Promise<Build>;
  readonly data?: DataKeeper;
  readonly forget?: (plugin: string, generations: readonly number[]) => void;
  /** Hears what went wrong with a generation. Default: only the log does. */
  readonly report?: (incident: Incident) => void;
  /** Keeps the outside processes that the serving generations declare. Default: there are none. */
  readonly services?: { want(wanted: WantedServices): void };
  readonly rules?: Partial<Rules>;
  /** For the plugins that ship as programs. Default: everything that ships runs inside the host. */
  readonly processes?: ProcessSurroundings;
  /** Plugins are set up and proven, but nothing that would reach the outside happens: none goes live, no schedule runs. */
  readonly isRehearsal?: boolean;
}

/** Rows of the journal are pruned this often. */
const pruneEveryMs = 6 * 3_600_000;

const noData: DataKeeper = {
  take: () => undefined,
  restore({ plugin }) {
    throw new ClayError('NOT_FOUND', `Of the data of "${plugin}" no copy is kept.`);
  },
  drop: () => undefined,
};

/** Makes a kernel that runs nothing yet. */
export function createKernel(options: KernelOptions): Kernel {
  return new PluginKernel(options);
}

class PluginKernel implements Kernel {
  readonly registry: Registry;
  readonly router: Router;
  readonly #options: KernelOptions;
  readonly #table = new CapabilityTable();
  readonly #medic: GenerationMedic;
  readonly #host: HostCapabilities;
  readonly #sources = new Map<string, PluginSource>();
  readonly #refused = new Map<string, PluginStatus>();
  readonly #grants = new WeakMap<Build, Grant>();
  readonly #http: OutboundHttp;
  readonly #files: FileAccess;
  readonly #redactor: Redactor;
  readonly #secret: (name: string) => string | undefined;
  readonly #schedules: Schedules;
  #deployed: Promise<void> = Promise.resolve();
  #cancelPrune: () => void = () => {};
  #isStopping = false;

  constructor(options: KernelOptions) {
    const { clock, log, journal, store } = options;
    this.#options = options;
    this.#redactor = options.redactor ?? new Redactor();
    this.#secret = options.secret ?? (() => undefined);
    this.#http = options.http ?? createOutboundHttp({ clock, secret: this.#secret });
    this.#files = createFileAccess({ paths: toPaths(options.config.paths) });
    this.registry = this.#table;
    this.#medic = new GenerationMedic({
      journal: journal.generations,
      clock,
      log,
      table: this.#table,
      leases: new LeaseTable(),
      make: (start) => this.#make(start),
      migrate: ({ plugin, build, running }) => {
        const { migrations } = running.ready;
        if (migrations.length > 0) store.plugins.for(plugin, build.manifest.tables).migrate(migrations);
      },
      checkDetails: (capability, build) => {
        const { cron } = capability.details;
        if (typeof cron === 'string') parseCron(cron);
        requireOwnName(capability, build, (name) => this.#isPlugin(name));
      },
      load:
        options.load ??
        (async (plugin, generation) => {
          throw new ClayError('NOT_FOUND', `Generation ${generation} of "${plugin}" is not there any more.`);
        }),
      data: options.data ?? noData,
      forget: options.forget ?? (() => undefined),
      onServing: (plugin, build) => this.#serviced(plugin, build),
      place: (location) => placeIn(options.config.paths.root, location),
      report: options.report ?? (() => undefined),
      rules: options.rules ?? {},
    });
    this.#host = new HostCapabilities(this.#table);
    this.router = new PluginRouter({
      registry: this.#table,
      targets: {
        find: (plugin) => this.#host.find(plugin) ?? this.#medic.find(plugin),
        coming: (plugin) => (this.#host.find(plugin) === null ? this.#medic.coming(plugin) : null),
      },
      onDeadLetter: (letter) => this.#medic.tellOfDeadLetter(letter),
      journal: journal.calls,
      clock,
      log,
      redactor: this.#redactor,
      ...(options.approvals === undefined ? {} : { approvals: options.approvals }),
    });
    this.#medic.onNews(({ kind, plugin, generation, state }) => {
      if (kind === 'changed') void this.emit('generation.changed', { plugin, generation, state });
    });
    const call = (capability: string) => this.router.call({ capability, args: {}, caller: 'schedule' });
    this.#schedules = new Schedules({ registry: this.#table, call, clock, log });
    if (options.isRehearsal === true) this.#schedules.stop();
    this.#prune();
  }

  get medic(): Medic {
    return this.#medic;
  }

  get isSafeMode(): boolean {
    return this.#medic.isSafeMode;
  }

  provide(capabilities: readonly HostCapability[]): void {
    this.#host.provide(capabilities);
  }

  offer(plugin: string, via: string, tools: readonly OfferedTool[]): ReadonlyMap<string, string> {
    return this.#table.offer(
      plugin,
      tools.map((tool) => toCapability(plugin, via, tool)),
    );
  }

  plugins(): readonly PluginStatus[] {
    const names = new Set([...this.#sources.keys(), ...this.#medic.plugins]);
    return [...names]
      .map((name) => this.#status(name))
      .filter((status) => status !== null)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async start(sources: readonly PluginSource[], last: LastHost = firstHost): Promise<void> {
    const builds: Build[] = [];
    for (const source of sources) {
      const build = await this.#admit(source);
      if (build !== null) builds.push(build);
    }
    this.#warnOfUnreadSections();
    const { deployed } = await this.#medic.boot(builds, last);
    this.#deployed = deployed;
  }

  settled(): Promise<void> {
    return this.#deployed;
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
    await this.#medic.stop(drainMs);
  }

  /** A build of what ships; null when it cannot even be read, which is then reported. */
  async #admit(source: PluginSource): Promise<Build | null> {
    const { log, clock } = this.#options;
    const { name } = source;
    const other = this.#sources.get(name);
    if (other !== undefined) {
      log.error('plugin.refused', {
        plugin: name,
        error: `Two plugins are called "${name}": the first (${other.origin}) runs, the second (${source.origin}) does not.`,
      });
      return null;
    }
    this.#sources.set(name, source);
    try {
      return await buildOf(source, clock, this.#options.processes ?? null);
    } catch (thrown) {
      const failure = toPluginFailure('load', thrown);
      const { phase, code, message, location } = failure;
      log.error('plugin.failed', { plugin: name, phase, code, error: message, location });
      this.#refused.set(name, {
        name,
        version: '',
        description: '',
        origin: source.origin,
        generation: 0,
        state: 'rejected',
        capabilities: [],
        requires: [],
        permissions: [],
        withheld: [],
        protected: false,
        holds: [],
        failure,
      });
      return null;
    }
  }

  #status(name: string): PluginStatus | null {
    const refused = this.#refused.get(name);
    if (refused !== undefined) return refused;
    const { build, life, generation, state, failure } = this.#medic.view(name);
    const isGone = !this.#sources.has(name) && life === null && failure === null;
    if (isGone && (state === 'stopped' || state === 'draining')) return null;
    const manifest = build?.manifest;
    const grant = build === null ? undefined : this.#grants.get(build);
    return {
      name,
      version: manifest?.version ?? '',
      description: manifest?.description ?? '',
      origin: build?.origin ?? this.#sources.get(name)?.origin ?? 'volume',
      generation,
      state: this.#isStopping && life === null ? 'stopped' : state,
      capabilities: this.#table.ofPlugin(name),
      requires: manifest?.requires ?? [],
      permissions: grant?.permissions ?? [],
      withheld: grant?.withheld ?? [],
      protected: manifest?.protected ?? false,
      holds: life?.running.scope.list() ?? [],
      failure,
    };
  }

  #make({ build, number, onDeath, onFault }: Start): ReturnType<MakeGeneration> {
    const { config, clock, log, store: storage } = this.#options;
    const { manifest, plugin } = build;
    const grant = this.#grants.get(build) ?? grantPermissions(build, config, log);
    this.#grants.set(build, grant);
    const { permissions } = grant;
    for (const name of secretNames(permissions)) this.#redactor.add(this.#secret(name));
    requireRights(build, permissions);
    let store: PluginStore | null = null;
    const transport = build.transport({ generation: number, permissions, onDeath });
    const generation = new Generation({
      manifest,
      number,
      hash: build.hash,
      transport,
      clock,
      log: withPlugin(log, plugin),
      serve: createHostFunctions({
        manifest,
        origin: build.origin,
        permissions,
        store: () => {
          store ??= storage.plugins.for(plugin, manifest.tables);
          return store;
        },
        call: (request) => this.router.call(request),
        http: this.#http,
        files: this.#files,
        secret: this.#secret,
        clock,
      }),
      onFault,
      isRehearsal: this.#options.isRehearsal === true,
    });
    generation.scope.hold('process', () => transport.ended());
    return {
      generation,
      setup: {
        config: {
          ...Object.fromEntries(settingsFor(build).map((name) => [name, config[name]])),
          ...config.plugins[plugin],
        },
        paths: toPaths(config.paths),
        secrets: secretNames(permissions),
      },
    };
  }

  #isPlugin(name: string): boolean {
    return this.#sources.has(name) || this.#medic.plugins.includes(name);
  }

  #serviced(plugin: string, build: Build | null): void {
    const { services, config } = this.#options;
    services?.want({
      plugin,
      services: build?.manifest.services ?? [],
      permissions: build === null ? [] : (this.#grants.get(build)?.permissions ?? []),
      folder: config.paths.data,
    });
  }

  /** A section under a misspelt name would otherwise do nothing, without a word. */
  #warnOfUnreadSections(): void {
    const { config, log } = this.#options;
    const plugins = [...new Set([...this.#sources.keys(), ...this.#medic.plugins])];
    for (const section of Object.keys(config.plugins)) {
      if (plugins.includes(section)) continue;
      const known = plugins.join(', ') || 'none';
      log.warn('config.section_unread', {
        section: `plugins.${section}`,
        message: `No plugin has this name; there are: ${known}.`,
      });
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

/** Below the claw's folder, as the tools of the agent name files; a place elsewhere stays as it is. */
function placeIn(root: string, location: string): string {
  return location.startsWith(`${root}/`) ? location.slice(root.length + 1) : location;
}

const firstHost: LastHost = { death: 'none', upMs: 0, diedAt: 0 };

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

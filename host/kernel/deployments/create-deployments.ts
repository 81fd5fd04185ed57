import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError, type Clock, type Log } from '@clay/sdk';
import type { Builder } from '../../builder/builder.ts';
import type { Config } from '../../config/config.ts';
import { messageOf } from '../../generations/phase.ts';
import { reservedBy } from '../../manifest/plugin-name.ts';
import { createCrashLog } from '../../medic/crash-log/crash-log.ts';
import { refuseBinarySwap } from '../../medic/crash-log/refuse-binary-swap.ts';
import type { Medic } from '../../medic/generations/medic.ts';
import type { Redactor } from '../../policy/redaction/redactor.ts';
import { openChildRegistry } from '../../process/child-registry.ts';
import { openKeptDeclarations } from '../../process/kept-declarations.ts';
import type { ShellUser } from '../../process/shell-user/find-shell-user.ts';
import type { ChildLimits } from '../../process/watched-process.ts';
import { createExtensions } from '../../starlark/extensions/create-extensions.ts';
import { loadExtension } from '../../starlark/extensions/extension-build.ts';
import type { Extensions } from '../../starlark/extensions/extensions.ts';
import { isKeptExtension } from '../../starlark/extensions/kept-extension.ts';
import type { Lanes } from '../../starlark/lanes.ts';
import { createLanes } from '../../starlark/pool/create-lanes.ts';
import { starSuffix } from '../../starlark/watch/star-file.ts';
import type { Store } from '../../store/store.ts';
import type { KernelOptions } from '../create-kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { PluginSource } from '../plugin-source.ts';
import { buildOf, type ProcessSurroundings } from '../shipped-build.ts';
import { bringInLine, extensionTaken } from './bring-in-line.ts';
import { VolumeDeployer } from './deployer.ts';
import { FailureLog } from './failure-log.ts';
import { createDataKeeper, removeGenerations, removeUnfinished } from './generation-files.ts';
import { Overrides, type Shipped } from './overrides.ts';
import { type PluginWatcher, watchPlugins } from './plugin-watcher.ts';
import { SourceFolder } from './source-folder.ts';
import { Verdicts } from './verdicts.ts';
import { keptBuild, type VolumeOptions } from './volume-build.ts';

export interface DeploymentsOptions {
  readonly config: Config;
  readonly store: Pick<Store, 'plugins'>;
  readonly builder: Builder;
  readonly shipped: readonly PluginSource[];
  readonly clock: Clock;
  readonly log: Log;
  /** Takes out what no log may hold. */
  readonly redactor: Pick<Redactor, 'text'>;
  /** What the host bears from a plugin's process. Default: what its transport names. */
  readonly limits?: Partial<ChildLimits>;
  /** Whose shells, lanes and programs of plugins are. Default: the host's. */
  readonly shellUser?: ShellUser | undefined;
}

/** All that makes generations of what lies on the volume. */
export interface Deployments {
  /** What the kernel needs of it. */
  readonly kernelOptions: Pick<KernelOptions, 'load' | 'data' | 'forget' | 'report' | 'processes'>;
  readonly deployer: VolumeDeployer;
  readonly failures: FailureLog;
  readonly verdicts: Verdicts;
  readonly lanes: Lanes;
  readonly extensions: Extensions;
  /**
   * Brings in line what serves, what lies on the volume and what ships, and follows saves from then on. After the
   * kernel's start.
   */
  start(): Promise<void>;
  /** Follows no saves any more. */
  close(): Promise<void>;
}

/** Makes it before the kernel, which is handed in as soon as it is there. */
export async function createDeployments(options: DeploymentsOptions, kernel: () => Kernel): Promise<Deployments> {
  const { config, store, builder, clock, log, redactor, limits, shellUser } = options;
  const { paths } = config;
  const generations = join(paths.data, 'generations');
  mkdirSync(generations, { recursive: true });
  removeUnfinished(generations);
  const registry = openChildRegistry(join(paths.data, 'children'));
  for (const orphan of registry.killOrphans()) log.warn('orphan.killed', { ...orphan });
  const kept = openKeptDeclarations(join(paths.data, 'declarations'), log);
  const processes: ProcessSurroundings = {
    paths,
    registry,
    clock,
    log,
    ...(limits && { limits }),
    ...(shellUser && { shellUser }),
    sleep: { idleMs: config.limits.pluginIdleMs, kept },
  };
  const overrides = new Overrides({ shipped: await findShipped(options, processes), allowed: config.overrides });
  const sources = new SourceFolder(join(paths.data, 'plugins'));
  const volume: VolumeOptions = { ...processes, generations };
  const crashLog = createCrashLog({
    folder: join(paths.data, 'build-failures'),
    hide: (text) => redactor.text(text),
    clock,
  });
  const failures = new FailureLog({ crashLog, log, serving: (plugin) => describeServing(plugin, kernel()) });
  const medic: Pick<Medic, 'deploy' | 'retire' | 'generations' | 'onNews'> = {
    deploy: (build, how) => kernel().medic.deploy(build, how),
    retire: (plugin, reason) => kernel().medic.retire(plugin, reason),
    generations: (plugin) => kernel().medic.generations(plugin),
    onNews: (listener) => kernel().medic.onNews(listener),
  };
  const deployer = new VolumeDeployer({
    ...volume,
    builder,
    medic,
    sources,
    overrides,
    isExtension: (name) => existsSync(join(paths.extensions, `${name}${starSuffix}`)),
    onFailed: (plugin, error) => failures.refused(plugin, error),
  });
  const lanes = createLanes({ clock, log, registry, identity: shellUser });
  const extensions = createExtensions({
    folder: paths.extensions,
    generations,
    lanes,
    medic,
    call: (request) => kernel().router.call(request),
    clock,
    log,
    hello: existsSync(paths.extensions) ? null : (await import('@clay/starlark-stdlib/texts')).helloSource,
    ownerOf: (name) => ownerOf(name, overrides, sources),
    onReport: (report) => failures.saved(report),
  });
  let watcher: PluginWatcher | null = null;
  const swap = refuseBinarySwap(join(paths.root, 'builds'), clock);
  if (swap !== null) log.warn('swap.refused', { file: swap.file, message: swap.message });
  return {
    deployer,
    failures,
    verdicts: new Verdicts(),
    lanes,
    extensions,
    kernelOptions: {
      processes,
      async load(plugin, generation) {
        if (isKeptExtension(generations, plugin, generation)) {
          if (overrides.isShipped(plugin)) throw new ClayError('CONFLICT', extensionTaken(plugin));
          return loadExtension({ lanes, generations }, plugin, generation);
        }
        const known = medic.generations(plugin).find((one) => one.generation === generation)?.hash ?? '';
        return keptBuild(plugin, generation, known, overrides.baseFor(plugin), volume);
      },
      data: createDataKeeper(generations, store.plugins),
      forget: (plugin, numbers) => removeGenerations(generations, plugin, numbers),
      report: (incident) => failures.incident(incident),
    },
    async start() {
      await bringInLine({ medic, deployer, sources, overrides, failures, generations, log });
      if (config.watchPlugins) watcher = watchPlugins({ sources, deployer, failures, clock, log });
      await watcher?.look();
    },
    close: async () => watcher?.close(),
  };
}

async function findShipped(
  { shipped, clock, log }: DeploymentsOptions,
  processes: ProcessSurroundings,
): Promise<ReadonlyMap<string, Shipped | null>> {
  const found = new Map<string, Shipped | null>();
  for (const source of shipped) {
    try {
      const { manifest, hash } = await buildOf(source, clock, processes);
      found.set(source.name, { manifest, hash });
    } catch (error) {
      // The kernel reports it when it starts it.
      found.set(source.name, null);
      log.debug('shipped.unreadable', { plugin: source.name, error: messageOf(error) });
    }
  }
  return found;
}

/** Who has a name that an extension cannot have too. */
function ownerOf(name: string, overrides: Overrides, sources: SourceFolder): string | null {
  const reserved = reservedBy(name);
  if (reserved !== null) return reserved;
  if (overrides.isShipped(name)) return `the plugin "${name}", which ships with the claw`;
  return sources.has(name) ? `the plugin data/plugins/${name}` : null;
}

function describeServing(plugin: string, { medic }: Kernel): string {
  const current = medic.generations().find((one) => one.plugin === plugin && one.isCurrent);
  if (current === undefined) return 'Nothing serves in its place.';
  return `Generation ${current.generation} (${current.state}) serves.`;
}

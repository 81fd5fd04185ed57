import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log } from '@clay/sdk';
import type { Builder } from '../../builder/builder.ts';
import type { Config } from '../../config/config.ts';
import { messageOf } from '../../generations/phase.ts';
import { createCrashLog } from '../../medic/crash-log/crash-log.ts';
import { refuseBinarySwap } from '../../medic/crash-log/refuse-binary-swap.ts';
import { openChildRegistry } from '../../process/child-registry.ts';
import type { ChildLimits } from '../../process/watched-process.ts';
import { createExtensions } from '../../starlark/extensions/create-extensions.ts';
import { loadExtension } from '../../starlark/extensions/extension-build.ts';
import type { Extensions } from '../../starlark/extensions/extensions.ts';
import { isKeptExtension } from '../../starlark/extensions/kept-extension.ts';
import type { Lanes } from '../../starlark/lanes.ts';
import { createLanes } from '../../starlark/pool/create-lanes.ts';
import type { Store } from '../../store/store.ts';
import type { KernelOptions } from '../create-kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { PluginSource } from '../plugin-source.ts';
import { buildOf } from '../shipped-build.ts';
import { VolumeDeployer } from './deployer.ts';
import { FailureLog } from './failure-log.ts';
import { createDataKeeper, removeGenerations } from './generation-files.ts';
import { Verdicts } from './verdicts.ts';
import { baseOf, keptBuild, type Shipped, type VolumeOptions } from './volume-build.ts';

export interface DeploymentsOptions {
  readonly config: Config;
  readonly store: Pick<Store, 'plugins'>;
  readonly builder: Builder;
  readonly shipped: readonly PluginSource[];
  readonly clock: Clock;
  readonly log: Log;
  /** Values that no log may hold. */
  readonly hidden: () => readonly string[];
  /** What the host bears from a plugin's process. Default: what its transport names. */
  readonly limits?: Partial<ChildLimits>;
}

/** All that makes generations of what lies on the volume. */
export interface Deployments {
  /** What the kernel needs of it. */
  readonly kernelOptions: Pick<KernelOptions, 'load' | 'data' | 'forget' | 'report'>;
  readonly deployer: VolumeDeployer;
  readonly failures: FailureLog;
  readonly verdicts: Verdicts;
  readonly lanes: Lanes;
  readonly extensions: Extensions;
  /** Builds the overrides anew whose base has changed with the image. After the kernel's start; never throws. */
  rebase(): Promise<void>;
}

/** Makes it before the kernel, which is handed in as soon as it is there. */
export async function createDeployments(options: DeploymentsOptions, kernel: () => Kernel): Promise<Deployments> {
  const { config, store, builder, clock, log, hidden, limits } = options;
  const { paths } = config;
  const generations = join(paths.data, 'generations');
  mkdirSync(generations, { recursive: true });
  const registry = openChildRegistry(join(paths.data, 'children'));
  for (const orphan of registry.killOrphans()) log.warn('orphan.killed', { ...orphan });
  const shipped = await findShipped(options);
  const volume: VolumeOptions = { paths, generations, registry, clock, log, ...(limits && { limits }) };
  const crashLog = createCrashLog({ folder: join(paths.data, 'build-failures'), hidden, clock });
  const failures = new FailureLog({ crashLog, log, serving: (plugin) => describeServing(plugin, kernel()) });
  const deployer = new VolumeDeployer({
    ...volume,
    builder,
    medic: { deploy: (build, how) => kernel().medic.deploy(build, how) },
    folder: join(paths.data, 'plugins'),
    shipped: (plugin) => shipped.get(plugin) ?? null,
    overrides: config.overrides,
    onFailed: (plugin, _category, error) => failures.buildFailed(plugin, error),
  });
  const lanes = createLanes({ clock, log, registry });
  const extensions = createExtensions({
    folder: paths.extensions,
    generations,
    lanes,
    medic: {
      deploy: (build, how) => kernel().medic.deploy(build, how),
      retire: (plugin, reason) => kernel().medic.retire(plugin, reason),
      generations: (plugin) => kernel().medic.generations(plugin),
    },
    call: (request) => kernel().router.call(request),
    clock,
    log,
    hello: existsSync(paths.extensions) ? null : (await import('@clay/starlark-stdlib')).helloSource,
    ownerOf: (name) => ownerOf(name, shipped, deployer),
    onReport: (report) => failures.saved(report),
  });
  const swap = refuseBinarySwap(join(paths.root, 'builds'), clock);
  if (swap !== null) log.warn('swap.refused', { file: swap.file, message: swap.message });
  return {
    deployer,
    failures,
    verdicts: new Verdicts(),
    lanes,
    extensions,
    kernelOptions: {
      async load(plugin, generation) {
        if (isKeptExtension(generations, plugin, generation))
          return loadExtension({ lanes, generations }, plugin, generation);
        return keptBuild(plugin, generation, shipped.get(plugin) ?? null, volume);
      },
      data: createDataKeeper(generations, store.plugins),
      forget: (plugin, numbers) => removeGenerations(generations, plugin, numbers),
      report: (incident) => failures.incident(incident),
    },
    async rebase() {
      for (const { plugin, generation, isCurrent } of kernel().medic.generations()) {
        const base = shipped.get(plugin);
        if (!isCurrent || generation === 0 || base === undefined) continue;
        if (baseOf(generations, plugin, generation) === base.hash) continue;
        log.warn('override.rebased', {
          plugin,
          generation,
          message: 'What it was based on has changed with the image.',
        });
        try {
          await deployer.deploy({ plugin, files: null, reason: 'what it was based on has changed with the image' });
        } catch (error) {
          log.error('override.rebase.failed', { plugin, error: messageOf(error) });
        }
      }
    },
  };
}

async function findShipped({ shipped, clock, log }: DeploymentsOptions): Promise<ReadonlyMap<string, Shipped>> {
  const found = new Map<string, Shipped>();
  for (const source of shipped) {
    try {
      const { manifest, hash } = await buildOf(source, clock);
      found.set(source.name, { manifest, hash });
    } catch (error) {
      // The kernel reports it when it starts it.
      log.debug('shipped.unreadable', { plugin: source.name, error: messageOf(error) });
    }
  }
  return found;
}

/** Who has a name that an extension cannot have too. */
function ownerOf(name: string, shipped: ReadonlyMap<string, Shipped>, deployer: VolumeDeployer): string | null {
  if (shipped.has(name)) return `the plugin "${name}", which ships with the claw`;
  return deployer.list().some(({ plugin }) => plugin === name) ? `the plugin data/plugins/${name}` : null;
}

function describeServing(plugin: string, { medic }: Kernel): string {
  const current = medic.generations().find((one) => one.plugin === plugin && one.isCurrent);
  if (current === undefined) return 'Nothing serves in its place.';
  return `Generation ${current.generation} (${current.state}) serves.`;
}

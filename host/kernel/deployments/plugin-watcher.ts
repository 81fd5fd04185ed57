import { existsSync } from 'node:fs';
import { ClayError, type Clock, type Log } from '@clay/sdk';
import { messageOf } from '../../generations/phase.ts';
import { openTreeEvents, type WatchBackend } from '../../starlark/watch/chokidar.ts';
import type { VolumeDeployer } from './deployer.ts';
import type { FailureLog } from './failure-log.ts';
import type { SourceFolder } from './source-folder.ts';

export interface PluginWatcherOptions {
  readonly sources: SourceFolder;
  readonly deployer: Pick<VolumeDeployer, 'deploy' | 'retireDeleted' | 'isChanged'>;
  readonly failures: Pick<FailureLog, 'refused'>;
  readonly clock: Clock;
  readonly log: Log;
  /** For tests. Default: chokidar. */
  readonly openEvents?: typeof openTreeEvents;
}

export interface PluginWatcher {
  /** Deploys all that has changed; resolves when that is done. */
  look(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** Editors and copies write several files: a plugin is looked at when it has stood still for so long. */
const settleMs = 150;
/** The system may lose events without a word. */
const sweepMs = 10_000;

/** Deploys a plugin whenever its sources have been saved, and retires it when they have been deleted. */
export function watchPlugins(options: PluginWatcherOptions): PluginWatcher {
  return new FolderWatcher(options);
}

class FolderWatcher implements PluginWatcher {
  readonly #options: PluginWatcherOptions;
  readonly #timers = new Map<string, () => void>();
  /** How the sources stood when they were deployed last, well or badly: the same ones are not tried again. */
  readonly #tried = new Map<string, string | null>();
  readonly #known = new Set<string>();
  readonly #open = new Map<string, Promise<void>>();
  #closeEvents: () => Promise<void>;
  #cancelSweep: () => void = () => {};
  #isClosed = false;

  constructor(options: PluginWatcherOptions) {
    this.#options = options;
    this.#closeEvents = this.#listen('native');
    this.#sweep();
  }

  async look(): Promise<void> {
    if (!this.#isThere()) return;
    const names = new Set([...this.#known, ...this.#options.sources.list().map(({ plugin }) => plugin)]);
    await Promise.all([...names].map((plugin) => this.#deploy(plugin)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep();
    for (const cancel of this.#timers.values()) cancel();
    await this.#closeEvents();
    await Promise.all(this.#open.values());
  }

  #listen(backend: WatchBackend): () => Promise<void> {
    const { sources, log, openEvents = openTreeEvents } = this.#options;
    return openEvents(sources.folder, backend, {
      onTouch: (path) => this.#guarded(() => this.#touch(path.split(/[\\/]/, 1)[0]!.replace(/\.ts$/, ''))),
      // What happened before the ears were open.
      onReady: () => this.#guarded(() => this.#lookAround()),
      onError: (error) => {
        if (this.#isClosed) return;
        log.error('plugins.watch', { backend, problem: error.message });
        if (backend === 'polling') return;
        const closeNative = this.#closeEvents;
        const closePolling = this.#listen('polling');
        this.#closeEvents = async () => {
          await closeNative();
          await closePolling();
        };
      },
    });
  }

  #sweep(): void {
    this.#cancelSweep = this.#options.clock.after(sweepMs, () => {
      this.#sweep();
      this.#guarded(() => this.#lookAround());
    });
  }

  /** A folder that changes while it is read is read again by the next event or sweep. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log.error('plugins.watch', { problem: messageOf(error) });
    }
  }

  #lookAround(): void {
    if (!this.#isThere()) return;
    for (const { plugin } of this.#options.sources.list()) this.#known.add(plugin);
    for (const plugin of this.#known) if (this.#isNews(plugin)) this.#touch(plugin);
  }

  #isThere(): boolean {
    if (existsSync(this.#options.sources.folder)) return true;
    this.#options.log.error('plugins.watch', { problem: 'data/plugins is gone; what serves goes on serving.' });
    return false;
  }

  #isNews(plugin: string): boolean {
    const { sources, deployer } = this.#options;
    const stamp = sources.stampOf(plugin);
    // A volume that went away takes no plugin with it.
    if (stamp === null) return this.#known.has(plugin) && existsSync(sources.folder);
    return this.#tried.get(plugin) !== stamp && deployer.isChanged(plugin);
  }

  /** Something of it was written: it is looked at when it stands still. */
  #touch(plugin: string): void {
    if (this.#isClosed || plugin === '' || plugin.startsWith('.')) return;
    const { sources, clock } = this.#options;
    this.#known.add(plugin);
    const stamp = sources.stampOf(plugin);
    this.#timers.get(plugin)?.();
    const cancel = clock.after(settleMs, () => {
      this.#timers.delete(plugin);
      this.#guarded(() => {
        if (sources.stampOf(plugin) === stamp) void this.#deploy(plugin);
        else this.#touch(plugin);
      });
    });
    this.#timers.set(plugin, cancel);
  }

  /** One after another for each plugin. Never rejects. */
  #deploy(plugin: string): Promise<void> {
    const before = this.#open.get(plugin) ?? Promise.resolve();
    const work: Promise<void> = before
      .then(() => this.#bringUp(plugin))
      .catch((error) => this.#failed(plugin, error))
      .finally(() => {
        if (this.#open.get(plugin) === work) this.#open.delete(plugin);
      });
    this.#open.set(plugin, work);
    return work;
  }

  async #bringUp(plugin: string): Promise<void> {
    const { sources, deployer, log } = this.#options;
    if (this.#isClosed || !this.#isNews(plugin)) return;
    const stamp = sources.stampOf(plugin);
    this.#tried.set(plugin, stamp);
    if (stamp === null) {
      this.#known.delete(plugin);
      const retired = await deployer.retireDeleted(plugin);
      if (retired !== null) log.info('plugin.deleted', { plugin, generation: retired.generation });
      return;
    }
    this.#known.add(plugin);
    const { generation, state, problem } = await deployer.deploy({ plugin, files: null, reason: 'it was saved' });
    if (problem === null) log.info('plugin.saved', { plugin, generation, state });
    else log.error('plugin.refused', { plugin, generation, state, error: problem });
  }

  #failed(plugin: string, error: unknown): void {
    const { failures, log } = this.#options;
    log.error('plugin.refused', { plugin, error: messageOf(error) });
    if (error instanceof ClayError) failures.refused(plugin, error);
  }
}

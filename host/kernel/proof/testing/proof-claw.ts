import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ClayError,
  type Clock,
  type Json,
  type JsonObject,
  type Log,
  type PluginDefinition,
  type Schema,
} from '@clay/sdk';
import type { Builder } from '../../../builder/builder.ts';
import { createBuilder } from '../../../builder/create-builder.ts';
import { systemClock } from '../../../clock.ts';
import { loadConfig } from '../../../config/load.ts';
import type { GenerationState } from '../../../generations/state.ts';
import type { Journal } from '../../../journal/journal.ts';
import { openJournal } from '../../../journal/open-journal.ts';
import { type CrashFile, createCrashLog } from '../../../medic/crash-log/crash-log.ts';
import type { Admission, Medic, News } from '../../../medic/generations/medic.ts';
import type { Rules } from '../../../medic/rules.ts';
import { Redactor } from '../../../policy/redaction/redactor.ts';
import type { ChildLimits } from '../../../process/watched-process.ts';
import type { CallRequest } from '../../../router/router.ts';
import { openStore } from '../../../store/open-store.ts';
import type { Store } from '../../../store/store.ts';
import { createKernel } from '../../create-kernel.ts';
import { createDeployments, type Deployments } from '../../deployments/create-deployments.ts';
import { hostServices } from '../../deployments/host-services.ts';
import type { Kernel } from '../../kernel.ts';
import type { PluginSource } from '../../plugin-source.ts';
import { type Line, listLog, sourceOf } from '../../testing/kernel-fixture.ts';

/** A kernel with all that makes generations of what lies on a volume: real processes, real time, short probations. */
export interface ProofClaw {
  readonly kernel: Kernel;
  readonly medic: Medic;
  readonly journal: Journal;
  readonly store: Store;
  readonly deployments: Deployments;
  readonly root: string;
  readonly news: readonly News[];
  readonly log: readonly Line[];
  /** Puts sources into the claw's folder and deploys them. */
  deploy(plugin: string, source: string, more?: DeployMore): Promise<Admission>;
  /** The tool's value. */
  call(tool: string, args?: Json, more?: Partial<CallRequest>): Promise<Json>;
  /** Resolves when a generation gets into one of these states; at once when it is there. */
  reached(plugin: string, generation: number, ...states: GenerationState[]): Promise<GenerationState>;
  /** Resolves at the next news, this one or a later one, for which it is true. */
  untilNews(isIt: (news: News) => boolean): Promise<News>;
  /** States that a generation has gone through, oldest first. */
  rows(plugin: string, generation: number): readonly string[];
  /** Whole texts of the logs of one generation, oldest first; null: of sources that never became one. */
  failures(plugin: string, generation: number | null): readonly { readonly file: CrashFile; readonly text: string }[];
  /** Stops the host and leaves its volume. */
  stop(drainMs?: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DeployMore {
  /** Beside its name. Default: it may write its own folder. */
  readonly manifest?: JsonObject;
  readonly files?: Readonly<Record<string, string>>;
}

export interface ProofOptions {
  /** A volume that is there already. Default: a new one, removed at the end. */
  readonly root?: string;
  readonly shipped?: readonly (PluginDefinition<Schema> | PluginSource)[];
  readonly rules?: Partial<Rules>;
  readonly limits?: Partial<ChildLimits>;
  /** Whether types are checked, which takes a processor for half a second. Default false. */
  readonly isChecked?: boolean;
  /** Stands before the real one. */
  readonly builder?: (made: Builder) => Builder;
  readonly ceilings?: Readonly<Record<string, readonly string[]>>;
  readonly clock?: Clock;
  /** Stands before the real one, such as one that kills the host at a row. */
  readonly journal?: (opened: Journal) => Journal;
  /** Keeps neither log nor news, which would grow for as long as it runs. Default false. */
  readonly isForgetful?: boolean;
  /** Hears every event of the log, before it is kept. */
  readonly onLog?: (event: string) => void;
  readonly last?: Parameters<Kernel['start']>[1];
}

/** Everything that is waited for in seconds takes a fraction of one. */
export const quickRules: Partial<Rules> = { probationMs: 400, probeRounds: 2, firstBackoffMs: 50, readyMs: 50 };
/** A spinning process is caught in a second. */
export const quickLimits: Partial<ChildLimits> = { pingEveryMs: 300, maxMissedPings: 3, measureEveryMs: 50 };

const noLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
/** What comes at all comes much sooner; whoever waits longer is told what came instead. */
const patienceMs = 15_000;

export async function startProofClaw(options: ProofOptions = {}): Promise<ProofClaw> {
  const { clock = systemClock, shipped = [] } = options;
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'clay-proof-'));
  const loaded = loadConfig({
    env: { CLAY_ROOT: root, MODEL_PROVIDER: 'offline' },
    defaultRoot: root,
    isTerminal: false,
  });
  const config = { ...loaded.config, ceilings: options.ceilings ?? loaded.config.ceilings };
  const { paths } = config;
  for (const folder of [paths.data, paths.files]) mkdirSync(folder, { recursive: true });
  const store = openStore({
    database: paths.database,
    data: paths.data,
    backups: paths.backups,
    keepBackups: 1,
    clock,
  });
  const opened = openJournal({ file: paths.journal, clock });
  const journal = options.journal?.(opened) ?? opened;
  const log: Line[] = [];
  const { onLog, isForgetful = false } = options;
  const kept = isForgetful ? noLog : listLog(log);
  const write = onLog === undefined ? kept : heard(kept, onLog);
  const local = createBuilder({ clock });
  const checking: Builder = options.isChecked === true ? local : unchecked(local);
  const builder = options.builder?.(checking) ?? checking;
  const sources = shipped.map((one) => ('load' in one ? one : sourceOf(one)));
  const deployments: Deployments = await createDeployments(
    {
      config,
      store,
      builder,
      shipped: sources,
      clock,
      log: write,
      redactor: new Redactor(),
      limits: options.limits ?? quickLimits,
    },
    () => kernel,
  );
  const kernel: Kernel = createKernel({
    config,
    store,
    journal,
    clock,
    log: write,
    rules: { ...quickRules, ...options.rules },
    ...deployments.kernelOptions,
  });
  kernel.provide(
    hostServices({
      deployments,
      kernel,
      ask: async () => {
        throw new ClayError('UNAVAILABLE', 'Nobody thinks here.');
      },
    }),
  );
  const news: News[] = [];
  if (!isForgetful) kernel.medic.onNews((one) => news.push(one));
  await kernel.start(sources, options.last);
  return new Claw(
    { kernel, journal, store, deployments, root, news, log },
    async (drainMs) => {
      await deployments.close();
      await deployments.extensions.close();
      await kernel.stop(drainMs);
      await deployments.lanes.close();
      await local.close();
      journal.close();
      store.close();
    },
    options.root === undefined,
  );
}

type Parts = Pick<ProofClaw, 'kernel' | 'journal' | 'store' | 'deployments' | 'root' | 'news' | 'log'>;

class Claw implements ProofClaw {
  readonly kernel: Kernel;
  readonly journal: Journal;
  readonly store: Store;
  readonly deployments: Deployments;
  readonly root: string;
  readonly news: readonly News[];
  readonly log: readonly Line[];
  readonly #end: (drainMs?: number) => Promise<void>;
  readonly #isOwnVolume: boolean;
  #stopped: Promise<void> | null = null;

  constructor(parts: Parts, end: (drainMs?: number) => Promise<void>, isOwnVolume: boolean) {
    this.kernel = parts.kernel;
    this.journal = parts.journal;
    this.store = parts.store;
    this.deployments = parts.deployments;
    this.root = parts.root;
    this.news = parts.news;
    this.log = parts.log;
    this.#end = end;
    this.#isOwnVolume = isOwnVolume;
  }

  get medic(): Medic {
    return this.kernel.medic;
  }

  deploy(plugin: string, source: string, { manifest, files = {} }: DeployMore = {}): Promise<Admission> {
    const permissions = [`fs.read:files/${plugin}`, `fs.write:files/${plugin}`];
    const text = JSON.stringify({ name: plugin, permissions, ...manifest });
    const all = new Map([['index.ts', source], ['plugin.json', text], ...Object.entries(files)]);
    return this.deployments.deployer.deploy({ plugin, files: all, reason: 'proof' });
  }

  call(tool: string, args: Json = {}, more: Partial<CallRequest> = {}): Promise<Json> {
    return this.kernel.router.call({ capability: `tool:${tool}`, args, caller: 'proof', timeoutMs: 20_000, ...more });
  }

  async reached(plugin: string, generation: number, ...states: GenerationState[]): Promise<GenerationState> {
    const now = () => this.medic.generations(plugin).find((one) => one.generation === generation)?.state;
    const isThere = () => states.includes(now()!);
    const isOver = () => ['rejected', 'quarantined', 'stopped'].includes(now() ?? '');
    if (!isThere()) await this.untilNews(() => isThere() || isOver());
    if (isThere()) return now()!;
    const failures = this.failures(plugin, generation).map(({ text }) => text);
    throw new Error(`${plugin}#${generation} is ${now()}, not ${states.join(' or ')}.\n${failures.join('\n')}`);
  }

  untilNews(isIt: (news: News) => boolean): Promise<News> {
    return new Promise((resolve, reject) => {
      const cancel = systemClock.after(patienceMs, () => {
        remove();
        const last = this.news.slice(-10).map((one) => `${one.plugin}#${one.generation} ${one.state}: ${one.text}`);
        reject(new Error(`It never came. The last news:\n${last.join('\n')}`));
      });
      const remove = this.medic.onNews((one) => {
        if (!isIt(one)) return;
        cancel();
        remove();
        resolve(one);
      });
    });
  }

  rows(plugin: string, generation: number): readonly string[] {
    return this.journal.generations
      .history(plugin, 1_000)
      .filter((row) => row.generation === generation)
      .map((row) => row.state)
      .reverse();
  }

  failures(plugin: string, generation: number | null): ReturnType<ProofClaw['failures']> {
    const folder = join(this.root, 'data', 'build-failures');
    const crashLog = createCrashLog({ folder, hide: (text) => text, clock: systemClock });
    const isOf = generation === null ? /^(?![\s\S]*^Generation: )/m : new RegExp(`^Generation: ${generation}$`, 'm');
    return crashLog
      .list()
      .filter((file) => file.plugin === plugin)
      .map((file) => ({ file, text: readFileSync(file.file, 'utf8') }))
      .filter(({ text }) => isOf.test(text))
      .reverse();
  }

  stop(drainMs = 0): Promise<void> {
    this.#stopped ??= this.#end(drainMs);
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#isOwnVolume) rmSync(this.root, { recursive: true, force: true });
  }
}

/** Numbers of the generations that lie on the disk, oldest first. */
export function foldersOf(root: string, plugin: string): readonly number[] {
  return readdirSync(join(root, 'data', 'generations', plugin))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function unchecked(builder: Builder): Builder {
  return {
    build: (...args) => builder.build(...args),
    check: async ({ name = '' }) => ({ name, sourceDigest: '' }),
    close: () => builder.close(),
  };
}

function heard(log: Log, hear: (event: string) => void): Log {
  const level =
    (name: keyof Log): Log[keyof Log] =>
    (event, fields) => {
      hear(event);
      log[name](event, fields);
    };
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}

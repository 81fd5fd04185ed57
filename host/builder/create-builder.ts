import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClayError, type Clock, type Manifest } from '@clay/sdk';
import { authorError } from './build-error.ts';
import type { Builder, BuildRequest, CheckedPlugin } from './builder.ts';
import { type BuiltPlugin, hashBuild, manifestText } from './built-plugin.ts';
import { Bundler } from './bundle/bundler.ts';
import { findPackage, findSources } from './bundle/sources.ts';
import { Checker } from './check/checker.ts';
import { Compiler } from './check/compiler.ts';
import { Workshop } from './check/workshop.ts';
import { diagnose } from './diagnostic.ts';
import { type BuildLimits, defaultLimits } from './limits.ts';
import { readManifest } from './manifest/read-manifest.ts';
import { BuildQueue, type QueueLimits } from './queue/build-queue.ts';
import { readSources } from './source/read-sources.ts';
import { digestTree, findEntry, findMalformedText, findTests, type SourceTree } from './source/source-tree.ts';

export interface BuilderOptions {
  readonly clock: Clock;
  /** The folder of `@clay/sdk`. Default: the one that is installed with this host. */
  readonly sdkFolder?: string;
  /** Where types are checked. Default: a temporary folder, removed by `close`. */
  readonly workFolder?: string;
  /** What of packages may be bundled beside the SDK. Default: `zod`, `zod/mini` and `zod/v4`. */
  readonly packages?: readonly string[];
  readonly limits?: Partial<BuildLimits>;
  readonly queue?: Partial<QueueLimits>;
}

/** Sources that are worth compiling. */
interface Prepared {
  readonly tree: SourceTree;
  readonly manifest: Manifest;
  readonly entry: string;
  readonly digest: string;
}

const defaultPackages = ['zod', 'zod/mini', 'zod/v4'];
const defaultQueue: QueueLimits = { concurrent: 4, concurrentPerTenant: 2, waiting: 200, waitingPerTenant: 20 };
/** Sources whose verdict is known: a check of the same ones costs nothing. */
const rememberedChecks = 64;

/** Builds with the compilers of this host. */
export function createBuilder(options: BuilderOptions): Builder {
  return new LocalBuilder(options);
}

class LocalBuilder implements Builder {
  readonly #limits: BuildLimits;
  readonly #builds: BuildQueue;
  readonly #checks: BuildQueue;
  readonly #bundler: Bundler;
  readonly #compiler: Compiler;
  readonly #checker: Checker;
  readonly #ownWorkFolder: string | null;
  /** By plugin and digest of its sources: null when its types are right. */
  readonly #verdicts = new Map<string, ClayError | null>();

  constructor(options: BuilderOptions) {
    const { clock, packages = defaultPackages } = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const queue = { ...defaultQueue, ...options.queue };
    this.#builds = new BuildQueue(queue);
    // A check takes a processor for half a second and more.
    this.#checks = new BuildQueue({
      ...queue,
      concurrent: Math.min(queue.concurrent, Math.max(2, availableParallelism())),
    });
    const sdkFolder = options.sdkFolder ?? findPackage('@clay/sdk', import.meta.dirname);
    const sources = findSources(sdkFolder, packages);
    this.#bundler = new Bundler(sources, this.#limits, clock);
    this.#compiler = new Compiler(sources.sdk, this.#limits, clock);
    this.#ownWorkFolder = options.workFolder === undefined ? mkdtempSync(join(tmpdir(), 'clay-build-')) : null;
    const workFolder = realpathSync(options.workFolder ?? this.#ownWorkFolder!);
    this.#checker = new Checker(this.#compiler, new Workshop(workFolder, sources, this.#compiler, clock));
  }

  async build(request: BuildRequest, signal?: AbortSignal): Promise<BuiltPlugin> {
    const { tree, manifest, entry, digest } = await this.#prepare(request, 'build');
    const { tenant = '' } = request;
    const { name } = manifest;
    const tests = findTests(tree);
    const asked = { key: JSON.stringify([tenant, name]), tree, entry, manifest, signal };
    const made = await this.#builds.run({ tenant, plugin: name, signal }, async () => ({
      bundle: await this.#bundler.bundle(asked),
      ...(tests.length === 0 ? {} : { tests: await this.#bundler.bundleTests(asked, tests) }),
    }));
    const { bundle, ...more } = made;
    const hash = hashBuild(bundle.code, manifestText(manifest));
    return { name, hash, manifest, sourceDigest: digest, ...bundle, ...more };
  }

  async check(request: BuildRequest, signal?: AbortSignal): Promise<CheckedPlugin> {
    const { tree, manifest, digest } = await this.#prepare(request, 'check');
    const { name } = manifest;
    const key = `${name} ${digest}`;
    const { tenant = '' } = request;
    if (!this.#verdicts.has(key)) {
      const verdict = await this.#checks.run({ tenant, plugin: name, signal }, () => this.#judge(name, tree, signal));
      this.#verdicts.set(key, verdict);
      if (this.#verdicts.size > rememberedChecks) this.#verdicts.delete(this.#verdicts.keys().next().value!);
    }
    const verdict = this.#verdicts.get(key) ?? null;
    if (verdict !== null) throw verdict;
    return { name, sourceDigest: digest };
  }

  async close(): Promise<void> {
    this.#compiler.close();
    await this.#bundler.close();
    if (this.#ownWorkFolder !== null) await rm(this.#ownWorkFolder, { recursive: true, force: true, maxRetries: 10 });
  }

  async #judge(name: string, tree: SourceTree, signal: AbortSignal | undefined): Promise<ClayError | null> {
    try {
      await this.#checker.check(name, tree, signal);
      return null;
    } catch (error) {
      // Only what the sources themselves cause is worth remembering.
      if (error instanceof ClayError && error.code === 'BAD_ARGUMENTS') return error;
      throw error;
    }
  }

  async #prepare(request: BuildRequest, phase: 'build' | 'check'): Promise<Prepared> {
    const found =
      'folder' in request ? await readSources(request.folder, this.#limits) : { name: null, files: request.files };
    const tree: SourceTree = { ...found, name: request.name ?? found.name };
    const malformed = findMalformedText(tree);
    const { manifest, problems } = readManifest(tree);
    const entry = findEntry(tree);
    const wrong = [...malformed, ...problems];
    if (entry === null)
      wrong.push(
        diagnose(
          'NO_ENTRY',
          'The plugin has no module to start from.',
          { file: null },
          'Name it index.ts, and export the plugin as default.',
        ),
      );
    if (wrong.length > 0 || manifest === null || entry === null)
      throw authorError(tree.name ?? manifest?.name ?? 'unnamed', phase, wrong);
    return { tree, manifest, entry, digest: digestTree(tree) };
  }
}

import { basename, dirname } from 'node:path';
import { ClayError, type Clock, type Manifest } from '@clay/sdk';
import { authorError, tooLarge } from '../build-error.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { BuildLimits } from '../limits.ts';
import { type SourceTree, textOf } from '../source/source-tree.ts';
import { type BuildContext, type BuildResult, createContext, isBuildFailure, stopCompiler } from './esbuild.ts';
import { type BundleSummary, judgeInputs } from './inputs.ts';
import { buildLibrary, type Library } from './library.ts';
import { toDiagnostic } from './messages.ts';
import { sourcePath } from './namespaces.ts';
import { rebuild } from './rebuild.ts';
import { type CurrentBuild, entryName, sourcePlugin } from './source-plugin.ts';
import type { BundleSources } from './sources.ts';

/** The file names of a generation. */
export const bundleName = 'main.mjs';
export const mapName = 'main.mjs.map';

export interface BundleRequest {
  /** Whose compiler is kept warm. */
  readonly key: string;
  readonly tree: SourceTree;
  readonly entry: string;
  readonly manifest: Manifest;
  readonly signal: AbortSignal | undefined;
}

export interface Bundle {
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  readonly summary: BundleSummary;
  readonly warnings: readonly Diagnostic[];
}

/** The tests of a plugin as one module, with the map to their sources. */
export interface BuiltTests {
  readonly code: Uint8Array;
  readonly map: Uint8Array;
}

interface Warm {
  readonly context: BuildContext;
  readonly current: CurrentBuild;
}

/** Plugins whose compilers stay warm, each some megabytes; the least recent goes cold. */
const warmPlugins = 16;

/** Bundles plugins, and keeps what it parsed for the next time. */
export class Bundler {
  readonly #sources: BundleSources;
  readonly #limits: BuildLimits;
  readonly #clock: Clock;
  #library: Promise<Library> | null = null;
  readonly #warm = new Map<string, Warm>();
  /** Everything in messages, maps and comments is relative to it, so that a bundle is the same on every machine. */
  readonly #root: string;
  /** A plugin's builds come one after another: they share a context. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(sources: BundleSources, limits: BuildLimits, clock: Clock) {
    this.#sources = sources;
    this.#limits = limits;
    this.#clock = clock;
    this.#root = dirname(sources.sdk);
  }

  async bundle(request: BundleRequest): Promise<Bundle> {
    const before = this.#busy.get(request.key) ?? Promise.resolve();
    const mine = before.then(() => this.#bundle(request));
    const settled = mine.catch(() => undefined);
    this.#busy.set(request.key, settled);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(request.key) === settled) this.#busy.delete(request.key);
    }
  }

  /** A module that runs these test files of the plugin. */
  async bundleTests({ tree, entry, manifest, signal }: BundleRequest, tests: readonly string[]): Promise<BuiltTests> {
    const library = await this.#builtLibrary();
    const rules = { tree, permissions: manifest.permissions, libraries: library.modules, isTest: true };
    const context = await createContext(this.#options({ rules, entry, tests }, library));
    try {
      const { buildMs } = this.#limits;
      const kill = () => this.#stopCompiler();
      const result = await rebuild(context, { plugin: manifest.name, buildMs, signal, clock: this.#clock, kill });
      const outputs = new Map(result.outputFiles!.map(({ path, contents }) => [basename(path), contents]));
      return { code: outputs.get(bundleName)!, map: nameSources(outputs.get(mapName)!, tree) };
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const found = error.errors.map((message) => toDiagnostic(message, 'error', tree));
      throw authorError(manifest.name, 'build', found);
    } finally {
      await context.dispose();
    }
  }

  async close(): Promise<void> {
    const contexts = [...this.#warm.values()];
    this.#warm.clear();
    await Promise.all(contexts.map(({ context }) => context.dispose()));
  }

  async #bundle(request: BundleRequest): Promise<Bundle> {
    try {
      return await this.#attempt(request);
    } catch (error) {
      if (error instanceof ClayError) throw error;
      // Another plugin's build may have taken the compiler down with it: this one has a second chance on a new one.
      await this.#stopCompiler();
    }
    try {
      return await this.#attempt(request);
    } catch (error) {
      if (error instanceof ClayError) throw error;
      await this.#stopCompiler();
      const message = `The compiler died twice while it bundled plugin "${request.manifest.name}": ${String(error)}`;
      throw new ClayError('UNAVAILABLE', message, { phase: 'build', cause: error });
    }
  }

  async #attempt(request: BundleRequest): Promise<Bundle> {
    const { tree, manifest } = request;
    const library = await this.#builtLibrary();
    const { context, current } = await this.#context(request, library);
    let result: BuildResult;
    try {
      result = await rebuild(context, {
        plugin: manifest.name,
        buildMs: this.#limits.buildMs,
        signal: request.signal,
        clock: this.#clock,
        kill: () => this.#stopCompiler(),
      });
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const found = error.errors.map((message) => toDiagnostic(message, 'error', tree));
      throw authorError(manifest.name, 'build', found);
    }
    const { problems, summary } = judgeInputs(result.metafile!, current.rules, library);
    if (problems.length > 0) throw authorError(manifest.name, 'build', problems);
    const outputs = new Map(result.outputFiles!.map(({ path, contents }) => [basename(path), contents]));
    const code = outputs.get(bundleName)!;
    if (code.byteLength > this.#limits.bundleBytes)
      throw tooLarge(
        'bundleBytes',
        `The bundle of plugin "${manifest.name}" has ${code.byteLength} bytes; ${this.#limits.bundleBytes} are allowed (limit bundleBytes).`,
      );
    const warnings = result.warnings
      .filter(({ location }) => location !== null && sourcePath(location.file) !== null)
      .map((message) => toDiagnostic(message, 'warning', tree));
    return { code, map: nameSources(outputs.get(mapName)!, tree), summary, warnings };
  }

  #builtLibrary(): Promise<Library> {
    this.#library ??= buildLibrary(this.#sources).catch((error: unknown) => {
      this.#library = null;
      throw error;
    });
    return this.#library;
  }

  /** All contexts live in that process. */
  async #stopCompiler(): Promise<void> {
    this.#warm.clear();
    await stopCompiler();
  }

  async #context({ key, tree, entry, manifest }: BundleRequest, library: Library): Promise<Warm> {
    const rules = { tree, permissions: manifest.permissions, libraries: library.modules };
    const known = this.#warm.get(key);
    if (known !== undefined) {
      // To the end of the map, whose first is the least recent.
      this.#warm.delete(key);
      this.#warm.set(key, known);
      Object.assign(known.current, { rules, entry });
      return known;
    }
    const current: CurrentBuild = { rules, entry };
    const warm = { context: await createContext(this.#options(current, library)), current };
    this.#warm.set(key, warm);
    const oldest = this.#warm.keys().next().value;
    if (this.#warm.size > warmPlugins && oldest !== undefined && !this.#busy.has(oldest)) {
      const { context } = this.#warm.get(oldest)!;
      this.#warm.delete(oldest);
      await context.dispose();
    }
    return warm;
  }

  #options(current: CurrentBuild, library: Library) {
    return {
      absWorkingDir: this.#root,
      entryPoints: [{ in: entryName, out: 'main' }],
      outdir: this.#root,
      outExtension: { '.js': '.mjs' },
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node26',
      mainFields: ['module', 'main'],
      metafile: true,
      sourcemap: 'linked',
      sourcesContent: false,
      legalComments: 'none',
      logLevel: 'silent',
      logLimit: 0,
      // What cannot be seen now would be loaded unseen later.
      logOverride: {
        'unsupported-dynamic-import': 'error',
        'unsupported-require-call': 'error',
        'indirect-require': 'error',
        // Parts of the library that a plugin does not use.
        'ignored-bare-import': 'silent',
      },
      tsconfigRaw: { compilerOptions: { target: 'esnext' } },
      plugins: [sourcePlugin(current, library)],
    } as const satisfies Parameters<typeof createContext>[0];
  }
}

/** In a map, the plugin's files are named by their paths in its folder, and stand there whole. */
function nameSources(map: Uint8Array, tree: SourceTree): Uint8Array {
  const parsed: { sources: string[]; sourcesContent?: (string | null)[] } = JSON.parse(new TextDecoder().decode(map));
  parsed.sourcesContent = parsed.sources.map((source) => textOf(tree, sourcePath(source) ?? '') ?? null);
  parsed.sources = parsed.sources.map((source) => sourcePath(source) ?? source);
  return new TextEncoder().encode(JSON.stringify(parsed));
}

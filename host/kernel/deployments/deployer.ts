import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type CallSession, ClayError } from '@clay/sdk';
import { diagnosticsOf, textOf } from '../../builder/build-error.ts';
import type { Builder } from '../../builder/builder.ts';
import type { Deployer, DeployRequest, SourceCheck, SourceRequest } from '../../gateway/parts.ts';
import type { CheckVerdict } from '../../generations/build.ts';
import { messageOf } from '../../generations/phase.ts';
import type { Admission, Medic } from '../../medic/generations/medic.ts';
import { reasonToRefuse, type Shipped, type VolumeOptions, volumeBuild } from './volume-build.ts';

export interface DeployerOptions extends VolumeOptions {
  readonly builder: Builder;
  readonly medic: Pick<Medic, 'deploy'>;
  /** `data/plugins`: what people and the agent edit. */
  readonly folder: string;
  /** What ships under this name; null when nothing does. */
  readonly shipped: (plugin: string) => Shipped | null;
  /** Protected plugins that the operator lets be replaced. */
  readonly overrides: readonly string[];
  /** Hears of sources that could not be built. */
  readonly onFailed: (
    plugin: string,
    category: 'build' | 'check',
    error: ClayError,
    session: CallSession | null,
  ) => void;
}

export interface Deployment extends DeployRequest {
  readonly session?: CallSession | null;
}

/** Sources of the volume as an operator sees them. */
export interface SourceStatus {
  readonly plugin: string;
  readonly path: string;
  /** Changed since the last deploy of this host, or never deployed by it. */
  readonly isChanged: boolean;
}

const namePattern = /^[a-z][a-z0-9-]{0,47}$/;

/** Makes generations of what lies in the claw's folder of plugins. */
export class VolumeDeployer implements Deployer {
  readonly #options: DeployerOptions;
  /** When the newest file of a plugin was changed, as of its last deploy. */
  readonly #deployed = new Map<string, number>();

  constructor(options: DeployerOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  async deploy({ plugin, files, reason, session = null }: Deployment): Promise<Admission> {
    const { builder, medic, shipped, overrides, onFailed } = this.#options;
    requireName(plugin);
    const base = shipped(plugin);
    const refusal = reasonToRefuse(plugin, base, overrides);
    if (refusal !== null) throw refusal;
    if (files !== null) this.#replaceSources(plugin, files);
    const folder = this.#sourcesOf(plugin);
    const changedAt = newestChange(folder);
    const request = { folder, name: plugin };
    try {
      const built = await builder.build(request);
      const build = volumeBuild(built, folder, this.#check(request), base, this.#options);
      const admission = await medic.deploy(build, { reason, session });
      this.#deployed.set(plugin, changedAt);
      return admission;
    } catch (thrown) {
      if (thrown instanceof ClayError) onFailed(plugin, 'build', thrown, session);
      throw thrown;
    }
  }

  async check({ plugin, files }: SourceRequest): Promise<SourceCheck> {
    requireName(plugin);
    const request =
      files === null
        ? { folder: this.#sourcesOf(plugin), name: plugin }
        : { files: new Map([...files].map(([path, text]) => [path, Buffer.from(text)])), name: plugin };
    const { builder } = this.#options;
    const found = await Promise.all([told(builder.build(request)), told(builder.check(request))]);
    const errors = found.filter((one) => one !== null);
    if (errors.length === 0) {
      return { plugin, isGood: true, text: `"${plugin}" builds, and its types are right.`, diagnostics: [] };
    }
    return {
      plugin,
      isGood: false,
      text: [...new Set(errors.map(textOf))].join('\n\n'),
      diagnostics: errors.flatMap((error) => diagnosticsOf(error).map((one) => ({ ...one }))),
    };
  }

  /** Sorted by name. */
  list(): readonly SourceStatus[] {
    const { folder } = this.#options;
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || /^[a-z][a-z0-9-]*\.ts$/.test(entry.name))
      .map(({ name }) => ({ plugin: name.replace(/\.ts$/, ''), path: join(folder, name) }))
      .filter(({ plugin }) => namePattern.test(plugin))
      .map(({ plugin, path }) => ({ plugin, path, isChanged: newestChange(path) !== this.#deployed.get(plugin) }))
      .sort((a, b) => (a.plugin < b.plugin ? -1 : 1));
  }

  /** The one plugin that has changed. Throws `BAD_ARGUMENTS` when it is not one. */
  onlyChanged(): string {
    const changed = this.list().filter((one) => one.isChanged);
    const [only] = changed;
    if (only !== undefined && changed.length === 1) return only.plugin;
    const names = changed.map((one) => one.plugin).join(', ');
    throw new ClayError(
      'BAD_ARGUMENTS',
      changed.length === 0
        ? 'No plugin in data/plugins has changed since its last deploy: name the one that you mean.'
        : `Several plugins have changed (${names}): name the one that you mean.`,
    );
  }

  #check(request: { readonly folder: string; readonly name: string }): Promise<CheckVerdict> {
    return this.#options.builder.check(request).then(
      () => ({ isPassed: true, reason: '' }),
      (thrown: unknown) => ({
        isPassed: false,
        reason: thrown instanceof ClayError ? textOf(thrown) : messageOf(thrown),
      }),
    );
  }

  #sourcesOf(plugin: string): string {
    const { folder } = this.#options;
    for (const path of [join(folder, plugin), join(folder, `${plugin}.ts`)]) {
      if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
    }
    const known = this.list().map((one) => one.plugin);
    throw new ClayError(
      'NOT_FOUND',
      `There is neither a folder data/plugins/${plugin} nor a file data/plugins/${plugin}.ts. There are: ${known.join(', ') || 'none'}.`,
    );
  }

  /** Whole or not at all: what lay there before goes aside until the new sources stand. */
  #replaceSources(plugin: string, files: ReadonlyMap<string, string>): void {
    const target = join(this.#options.folder, plugin);
    const next = join(this.#options.folder, `.${plugin}.new`);
    const old = join(this.#options.folder, `.${plugin}.old`);
    for (const path of [next, old]) rmSync(path, { recursive: true, force: true });
    for (const [path, text] of files) {
      const place = join(next, path);
      if (relative(next, place).startsWith('..'))
        throw new ClayError('BAD_ARGUMENTS', `The path ${JSON.stringify(path)} leads out of the plugin's folder.`);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
    }
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) renameSync(target, old);
    renameSync(next, target);
    rmSync(old, { recursive: true, force: true });
  }
}

function requireName(plugin: string): void {
  if (namePattern.test(plugin)) return;
  throw new ClayError(
    'BAD_ARGUMENTS',
    `${JSON.stringify(plugin)} is no name of a plugin: it begins with a small letter and has only small letters, digits and "-", at most 48.`,
  );
}

async function told(work: Promise<unknown>): Promise<ClayError | null> {
  try {
    await work;
    return null;
  } catch (thrown) {
    if (thrown instanceof ClayError && thrown.code !== 'NOT_FOUND') return thrown;
    throw thrown;
  }
}

/** Milliseconds of the newest file below a path. */
function newestChange(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .reduce((newest, entry) => Math.max(newest, newestChange(join(path, entry.name))), 0);
}

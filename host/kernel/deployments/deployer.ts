import { type CallSession, ClayError } from '@clay/sdk';
import { diagnosticsOf, isSuperseded, textOf } from '../../builder/build-error.ts';
import type { Builder, BuildRequest } from '../../builder/builder.ts';
import type { BuiltPlugin } from '../../builder/built-plugin.ts';
import type { Deployer, DeployRequest, SourceCheck, SourceRequest } from '../../gateway/parts.ts';
import type { CheckVerdict } from '../../generations/build.ts';
import { messageOf } from '../../generations/phase.ts';
import { nameProblem } from '../../manifest/plugin-name.ts';
import type { Admission, Medic } from '../../medic/generations/medic.ts';
import { runTests } from '../../process/run-tests.ts';
import { readDeployedStamp, writeDeployedStamp } from './deployed-stamp.ts';
import type { Overrides } from './overrides.ts';
import { retireDeleted } from './retire-deleted.ts';
import { requireFiles, type SourceFolder, type SourcePlace } from './source-folder.ts';
import { type VolumeOptions, volumeBuild } from './volume-build.ts';

export interface DeployerOptions extends VolumeOptions {
  readonly builder: Builder;
  readonly medic: Pick<Medic, 'deploy' | 'retire' | 'generations' | 'onNews'>;
  readonly sources: SourceFolder;
  readonly overrides: Overrides;
  /** Whether an extension has this name: a plugin cannot have it too. */
  readonly isExtension: (name: string) => boolean;
  /** Hears of sources that could not be built. */
  readonly onFailed: (plugin: string, error: ClayError) => void;
}

export interface Deployment extends DeployRequest {
  readonly session?: CallSession | null;
}

/** Sources of the volume as an operator sees them. */
export interface SourceStatus extends SourcePlace {
  /** Changed since they were deployed last, or never deployed. */
  readonly isChanged: boolean;
}

/** Makes generations of what lies in the claw's folder of plugins. */
export class VolumeDeployer implements Deployer {
  readonly #options: DeployerOptions;

  constructor(options: DeployerOptions) {
    this.#options = options;
  }

  async deploy({ plugin, files, reason, session = null }: Deployment): Promise<Admission> {
    const { medic, overrides, sources, generations } = this.#options;
    requireName(plugin);
    const base = overrides.baseFor(plugin);
    this.#requireFree(plugin);
    if (files === null && !sources.has(plugin)) {
      const retired = await this.retireDeleted(plugin);
      if (retired !== null) return retired;
    }
    const request = this.#request({ plugin, files });
    const path = 'folder' in request ? request.folder : sources.folderOf(plugin);
    const stamp = sources.stampOf(plugin);
    const built = await this.#reported(plugin, this.#build(request));
    // What does not even build, or fails its own tests, leaves the folder as it is.
    if (files !== null) sources.replace(plugin, files);
    const build = volumeBuild(built, path, this.#check(request), base, this.#options);
    const admission = await medic.deploy(build, { reason, session });
    writeDeployedStamp(generations, plugin, files === null ? stamp : sources.stampOf(plugin));
    return admission;
  }

  async check(asked: SourceRequest): Promise<SourceCheck> {
    const { plugin } = asked;
    requireName(plugin);
    const request = this.#request(asked);
    const { builder } = this.#options;
    const found = await Promise.all([told(this.#build(request)), told(builder.check(request))]);
    const errors = found.filter((one) => one !== null);
    if (errors.length === 0) {
      return { plugin, isGood: true, text: `"${plugin}" builds, and its types and tests are right.`, diagnostics: [] };
    }
    return {
      plugin,
      isGood: false,
      text: [...new Set(errors.map(textOf))].join('\n\n'),
      diagnostics: errors.flatMap((error) => diagnosticsOf(error).map((one) => ({ ...one }))),
    };
  }

  /** Takes away what was built of sources that are gone; null when nothing of it serves. */
  async retireDeleted(plugin: string): Promise<Admission | null> {
    const { medic, generations } = this.#options;
    const retired = await retireDeleted(plugin, medic);
    if (retired !== null) writeDeployedStamp(generations, plugin, null);
    return retired;
  }

  /** Sorted by name. */
  list(): readonly SourceStatus[] {
    return this.#options.sources.list().map((place) => ({ ...place, isChanged: this.isChanged(place.plugin) }));
  }

  /** Whether what lies there is not what was deployed last. */
  isChanged(plugin: string): boolean {
    const { sources, generations } = this.#options;
    return sources.stampOf(plugin) !== readDeployedStamp(generations, plugin);
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

  #request({ plugin, files }: SourceRequest): BuildRequest {
    if (files === null) return { folder: this.#options.sources.pathOf(plugin), name: plugin };
    requireFiles(plugin, files);
    return { files: new Map([...files].map(([path, text]) => [path, Buffer.from(text)])), name: plugin };
  }

  /** Throws what is wrong with the sources, and what their tests found wrong with them. */
  async #build(request: BuildRequest): Promise<BuiltPlugin> {
    const built = await this.#options.builder.build(request);
    const { name, manifest, tests } = built;
    if (tests === undefined) return built;
    const { isPassed, reason, output } = await runTests({ ...this.#options, manifest, ...tests });
    if (isPassed) return built;
    throw new ClayError('BAD_ARGUMENTS', `The tests of plugin "${name}" ${reason}.`, { phase: 'check', output });
  }

  #requireFree(plugin: string): void {
    if (!this.#options.isExtension(plugin)) return;
    throw new ClayError(
      'CONFLICT',
      `The extension ${plugin}.star is called "${plugin}" already. Delete it first, or give the plugin another name.`,
    );
  }

  async #reported<T>(plugin: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      if (thrown instanceof ClayError && !isSuperseded(thrown)) this.#options.onFailed(plugin, thrown);
      throw thrown;
    }
  }

  async #check(request: BuildRequest): Promise<CheckVerdict | null> {
    try {
      await this.#options.builder.check(request);
      return { isPassed: true, reason: '' };
    } catch (thrown) {
      if (!(thrown instanceof ClayError)) return { isPassed: false, reason: messageOf(thrown) };
      // Newer sources came in while it waited: of these nothing is known.
      return thrown.code === 'CONFLICT' ? null : { isPassed: false, reason: textOf(thrown) };
    }
  }
}

function requireName(plugin: string): void {
  const problem = nameProblem(plugin);
  if (problem !== null) throw new ClayError('BAD_ARGUMENTS', problem);
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

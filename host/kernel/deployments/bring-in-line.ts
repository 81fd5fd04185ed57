import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError, type Log } from '@clay/sdk';
import { messageOf } from '../../generations/phase.ts';
import type { GenerationStatus, Medic } from '../../medic/generations/medic.ts';
import { isKeptExtension } from '../../starlark/extensions/kept-extension.ts';
import type { VolumeDeployer } from './deployer.ts';
import type { FailureLog } from './failure-log.ts';
import type { Overrides, Shipped } from './overrides.ts';
import type { SourceFolder } from './source-folder.ts';
import { baseOf, rememberBase } from './volume-build.ts';

export interface BringInLineOptions {
  readonly medic: Pick<Medic, 'retire' | 'generations'>;
  readonly deployer: VolumeDeployer;
  readonly sources: SourceFolder;
  readonly overrides: Overrides;
  readonly failures: FailureLog;
  /** `data/generations`. */
  readonly generations: string;
  readonly log: Log;
}

/**
 * What an earlier host has left serving, seen with what ships now and what lies on the volume now: a plugin whose
 * sources were deleted goes; an override that is not allowed any more goes; one whose base has changed is built again.
 */
export async function bringInLine(options: BringInLineOptions): Promise<void> {
  const { medic, log } = options;
  for (const status of medic.generations().filter(({ isCurrent, generation }) => isCurrent && generation > 0)) {
    const { plugin, generation } = status;
    try {
      await bringPluginInLine(status, options);
    } catch (error) {
      log.error('deployed.unfit', { plugin, generation, error: messageOf(error) });
    }
  }
  await recoverForgotten(options);
}

/** What was built of sources that are still there, and is in no journal: the journal was lost, and begun anew. */
async function recoverForgotten({ medic, deployer, sources, generations, log }: BringInLineOptions): Promise<void> {
  const known = new Set(medic.generations().map(({ plugin }) => plugin));
  for (const { plugin } of sources.list()) {
    if (known.has(plugin) || !existsSync(join(generations, plugin))) continue;
    log.warn('deployed.forgotten', { plugin, message: 'No journal knows what was built of it: it is built again.' });
    try {
      await deployer.deploy({ plugin, files: null, reason: 'the journal was lost' });
    } catch (error) {
      log.error('deployed.unfit', { plugin, error: messageOf(error) });
    }
  }
}

export function extensionTaken(plugin: string): string {
  return `A plugin called "${plugin}" ships with the claw now: ${plugin}.star needs another name.`;
}

async function bringPluginInLine(status: GenerationStatus, options: BringInLineOptions): Promise<void> {
  const { medic, deployer, sources, overrides, failures, generations, log } = options;
  const { plugin, generation } = status;
  if (isKeptExtension(generations, plugin, generation)) {
    // Without one of the same name, extensions look after their own files.
    if (overrides.isShipped(plugin)) await medic.retire(plugin, extensionTaken(plugin));
    return;
  }
  let base: Shipped | null;
  try {
    base = overrides.baseFor(plugin);
  } catch (error) {
    await medic.retire(plugin, messageOf(error));
    failures.rebased({ ...status, message: `Your "${plugin}" was put aside: ${messageOf(error)}` });
    return;
  }
  if (!sources.has(plugin)) {
    if (sources.wasThere) await deployer.retireDeleted(plugin);
    else log.warn('sources.gone', { plugin, message: 'data/plugins was not there: what serves goes on serving.' });
    return;
  }
  if (base === null || baseOf(generations, plugin, generation) === base.hash) return;
  await rebase(status, base, options);
}

/** The same sources against the SDK and the base of this image; told once, whatever comes of it. */
async function rebase(
  status: GenerationStatus,
  base: Shipped,
  { deployer, failures, generations, log }: BringInLineOptions,
): Promise<void> {
  const { plugin, generation } = status;
  const reason = 'what it replaces has changed with the image';
  log.warn('override.rebased', { plugin, generation, message: `It is built again: ${reason}.` });
  const begun = `The plugin "${plugin}" that ships has changed with the image; your "${plugin}" in its place`;
  try {
    const admission = await deployer.deploy({ plugin, files: null, reason });
    const { state, problem } = admission;
    const outcome =
      state === 'unchanged'
        ? 'is the same as before, and serves.'
        : problem === null
          ? `was built again and serves as generation ${admission.generation}, on probation.`
          : `was built again and does not serve: ${problem}`;
    failures.rebased({ ...admission, message: `${begun} ${outcome}` });
  } catch (error) {
    const why = error instanceof ClayError ? error.message : messageOf(error);
    log.error('override.rebase.failed', { plugin, error: why });
    failures.rebased({ ...status, message: `${begun} could not be built again: ${why}` });
  }
  // Once for each image: a next start has nothing new to tell.
  rememberBase(generations, plugin, generation, base);
}

import { createHash } from 'node:crypto';
import type { Clock, JsonObject, Manifest } from '@clay/sdk';
import type { Build, BuildLife, BuildTransport } from '../generations/build.ts';
import { createInlineTransport } from '../generations/inline-transport.ts';
import { inPhase } from '../generations/phase.ts';
import { createProcessTransport, type ProcessTransportOptions } from '../process/process-transport.ts';
import { toDeath } from '../process/to-death.ts';
import type { PluginProgram, PluginSource } from './plugin-source.ts';
import { parseSourceManifest, readManifest } from './read-manifest.ts';

/** What the processes of plugins have in common. */
export type ProcessSurroundings = Pick<
  ProcessTransportOptions,
  'paths' | 'registry' | 'clock' | 'log' | 'limits' | 'sleep' | 'shellUser'
>;

/**
 * What ships, as a build that runs where its manifest places it: inside the host, or as a program in a process of its
 * own. With a second user for shells, also what may start programs is a process, as that user. Throws with its phase.
 *
 * @param processes null: there are none, and everything runs inside
 */
export async function buildOf(
  source: PluginSource,
  clock: Clock,
  processes: ProcessSurroundings | null,
): Promise<Build> {
  const isProgram =
    source.program !== undefined &&
    processes !== null &&
    (source.manifest?.placement === 'process' || isOtherUser(source.manifest, processes));
  return isProgram ? programBuild(source, processes) : inlineBuild(source, clock);
}

function isOtherUser(manifest: JsonObject | null, { shellUser }: ProcessSurroundings): boolean {
  const permissions = manifest?.permissions;
  return shellUser !== undefined && Array.isArray(permissions) && permissions.includes('shell');
}

async function inlineBuild(source: PluginSource, clock: Clock): Promise<Build> {
  const definition = await inPhase('load', () => source.load());
  const manifest = await readManifest(source, definition);
  return {
    plugin: manifest.name,
    hash: hashOf(source.digest ?? '', manifest),
    manifest,
    origin: source.origin,
    transport: () => ({
      ...createInlineTransport(manifest.name, async () => definition, clock),
      ended: () => Promise.resolve(),
    }),
  };
}

/** Nothing of its code is loaded here. */
async function programBuild(source: PluginSource, processes: ProcessSurroundings): Promise<Build> {
  const manifest = parseSourceManifest(source.name, source.manifest ?? {});
  const program = await inPhase('load', () => source.program!());
  const hash = hashOf(program.digest, manifest);
  return {
    plugin: manifest.name,
    hash,
    manifest,
    origin: source.origin,
    transport: (life) => transportOf(program, manifest, hash, life, processes),
  };
}

function transportOf(
  { entry }: PluginProgram,
  manifest: Manifest,
  hash: string,
  { generation, permissions, onDeath }: BuildLife,
  processes: ProcessSurroundings,
): BuildTransport {
  return createProcessTransport({
    ...processes,
    entry,
    manifest,
    generation,
    hash,
    permissions,
    onDeath(death) {
      if (death.reason !== 'requested') onDeath(toDeath(death));
    },
  });
}

function hashOf(digest: string, manifest: Manifest): string {
  return createHash('sha256')
    .update(`${digest}\n${JSON.stringify(manifest)}`)
    .digest('hex');
}

import { createHash } from 'node:crypto';
import type { Clock } from '@clay/sdk';
import type { Build } from '../generations/build.ts';
import { createInlineTransport } from '../generations/inline-transport.ts';
import { inPhase } from '../generations/phase.ts';
import type { PluginSource } from './plugin-source.ts';
import { readManifest } from './read-manifest.ts';

/** What ships, as a build that runs inside the host. Throws with its phase. */
export async function buildOf(source: PluginSource, clock: Clock): Promise<Build> {
  const definition = await inPhase('load', () => source.load());
  const manifest = await readManifest(source, definition);
  return {
    plugin: manifest.name,
    hash: createHash('sha256')
      .update(`${source.digest ?? ''}\n${JSON.stringify(manifest)}`)
      .digest('hex'),
    manifest,
    origin: source.origin,
    transport: () => ({
      ...createInlineTransport(manifest.name, async () => definition, clock),
      ended: () => Promise.resolve(),
    }),
  };
}

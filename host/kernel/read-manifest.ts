import { ClayError, type Log, type Manifest, type PluginDefinition } from '@clay/sdk';
import { badArguments } from '@clay/sdk/wire';
import { manifestOf } from '../manifest/manifest-of.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { effectivePermissions, withheldPermissions } from '../policy/permissions.ts';
import { inPhase, withPhase } from './phase.ts';
import type { PluginSource } from './plugin-source.ts';

/** The manifest of a source: `plugin.json`, or the fields of its definition. Throws in phase `manifest`. */
export async function readManifest(source: PluginSource, definition: PluginDefinition): Promise<Manifest> {
  const raw = source.manifest ?? { placement: 'inline', ...(await inPhase('manifest', () => manifestOf(definition))) };
  const parsed = parseManifest(raw);
  if ('problems' in parsed)
    throw withPhase('manifest', badArguments(`The manifest of plugin "${source.name}"`, parsed.problems));
  const { manifest } = parsed;
  if (manifest.name === source.name) return manifest;
  throw withPhase(
    'manifest',
    new ClayError('BAD_ARGUMENTS', `The manifest of plugin "${source.name}" names it "${manifest.name}".`),
  );
}

/** What the plugin may do. What ships in the image was reviewed with it; the ceiling is for everybody else. */
export function grantPermissions(
  source: PluginSource,
  { name, permissions }: Manifest,
  ceilings: Readonly<Record<string, readonly string[]>>,
  log: Log,
): readonly string[] {
  if (source.origin === 'image') return permissions;
  const ceiling = (Object.hasOwn(ceilings, name) ? ceilings[name] : ceilings['*']) ?? [];
  const withheld = withheldPermissions(permissions, ceiling);
  if (withheld.length > 0) log.warn('permissions.withheld', { plugin: name, permissions: withheld });
  return effectivePermissions(permissions, ceiling);
}

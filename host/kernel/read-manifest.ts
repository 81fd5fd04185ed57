import { ClayError, type JsonObject, type Log, type Manifest, type PluginDefinition } from '@clay/sdk';
import { badArguments } from '@clay/sdk/wire';
import type { Config } from '../config/config.ts';
import type { Build } from '../generations/build.ts';
import { inPhase, withPhase } from '../generations/phase.ts';
import { manifestOf } from '../manifest/manifest-of.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { effectivePermissions, textToCall, withheldPermissions } from '../policy/permissions.ts';
import type { PluginSource } from './plugin-source.ts';

/** The manifest of a source: `plugin.json`, or the fields of its definition. Throws in phase `manifest`. */
export async function readManifest(source: PluginSource, definition: PluginDefinition): Promise<Manifest> {
  const raw = source.manifest ?? { placement: 'inline', ...(await inPhase('manifest', () => manifestOf(definition))) };
  return parseSourceManifest(source.name, raw);
}

/** The same, of a source whose code is not loaded here. */
export function parseSourceManifest(name: string, raw: JsonObject): Manifest {
  const parsed = parseManifest(raw);
  if ('problems' in parsed)
    throw withPhase('manifest', badArguments(`The manifest of plugin "${name}"`, parsed.problems));
  const { manifest } = parsed;
  if (manifest.name === name) return manifest;
  throw withPhase(
    'manifest',
    new ClayError('BAD_ARGUMENTS', `The manifest of plugin "${name}" names it "${manifest.name}".`),
  );
}

/** What a build may do, and what it has asked for in vain. */
export interface Grant {
  readonly permissions: readonly string[];
  readonly withheld: readonly string[];
}

/** What the plugin may do. What ships in the image was reviewed with it; the ceiling is for everybody else. */
export function grantPermissions(
  { origin, manifest, replaces }: Build,
  { ceilings, shell }: Pick<Config, 'ceilings' | 'shell'>,
  log: Log,
): Grant {
  const { name, permissions } = manifest;
  if (origin === 'image') return { permissions: [...permissions, ...grantedSecrets(name, ceilings)], withheld: [] };
  const own = Object.hasOwn(ceilings, name) ? ceilings[name]! : [];
  const allowed = [...own, ...(ceilings['*'] ?? [])];
  // Its own code asks nobody, when it is loaded or by a schedule.
  const mayStart = shell === 'on' || allowed.includes('shell');
  if (replaces !== undefined) return grantAsReplaced(manifest, replaces, mayStart);
  const ceiling = [...allowed, ...ownFolder(name)];
  const withheld = withheldPermissions(permissions, ceiling);
  if (withheld.length > 0) log.warn('permissions.withheld', { plugin: name, permissions: withheld });
  return { permissions: effectivePermissions(permissions, ceiling), withheld };
}

/** Beside its manifest: secrets for servers that only the operator knows of. */
function grantedSecrets(name: string, ceilings: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const own = Object.hasOwn(ceilings, name) ? ceilings[name]! : [];
  return own.filter((permission) => permission.startsWith('secret:'));
}

/**
 * Never more than what ships, and as much as it needs of that. What ships asks whether shells are on before it starts a
 * program; what the agent has written in its place may leave that out, so it starts programs only where the agent may.
 */
function grantAsReplaced({ permissions, requires, optional }: Manifest, shipped: Manifest, mayStart: boolean): Grant {
  const ceiling = shipped.permissions.filter((permission) => permission !== 'shell' || mayStart);
  const shippedCalls = new Set([...shipped.requires, ...shipped.optional]);
  const calls = [...requires, ...optional].filter((name) => shippedCalls.has(name));
  return {
    permissions: [...effectivePermissions(permissions, ceiling), ...calls.map(textToCall)],
    withheld: withheldPermissions(permissions, ceiling),
  };
}

/** Nobody has to allow a plugin its own folder. */
function ownFolder(name: string): readonly string[] {
  return [`fs.read:files/${name}`, `fs.write:files/${name}`];
}

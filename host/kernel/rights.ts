import { ClayError, hostFunctions, type ManifestSetting } from '@clay/sdk';
import type { Build } from '../generations/build.ts';
import { withPhase } from '../generations/phase.ts';
import { allows, permissionToCall, textToCall } from '../policy/permissions.ts';
import type { Capability } from '../registry/registry.ts';

/** Settings with a secret in them. */
const secretSettings: ReadonlySet<ManifestSetting> = new Set(['telegram', 'mcp']);

/** The operator's settings that a build gets: a secret reaches no plugin that does not ship. */
export function settingsFor({ origin, manifest }: Build): readonly ManifestSetting[] {
  return manifest.settings.filter((name) => origin === 'image' || !secretSettings.has(name));
}

/**
 * What a plugin cannot do without is what it may do: otherwise it would serve and fail at every call, and hold fast
 * what others provide. Throws `REFUSED`.
 */
export function requireRights({ origin, manifest }: Build, permissions: readonly string[]): void {
  if (origin === 'image') return;
  const missing = manifest.requires.filter((name) => !allows(permissions, permissionToCall(name)));
  if (missing.length === 0) return;
  const needs = missing.map((name) => `${name} (permission "${textToCall(name)}")`).join(', ');
  throw withPhase(
    'requires',
    new ClayError(
      'REFUSED',
      `"${manifest.name}" requires what it may not use: ${needs}. Its author declares the permission, and the operator allows it ("ceilings" in clay.json); or name it in "optional" and do without.`,
    ),
  );
}

/**
 * Services of a plugin that does not ship are called after it: a free name could be one that others call and that its
 * owner only happens not to provide now. Throws `REFUSED`.
 */
export function requireOwnName(
  { kind, name, fullName, plugin }: Capability,
  { origin, replaces }: Build,
  isPlugin: (name: string) => boolean,
): void {
  if (kind !== 'service' || origin === 'image') return;
  const [first = ''] = name.split('.', 1);
  const isOwn = first === plugin && (replaces !== undefined || !Object.hasOwn(hostFunctions, name));
  // What ships may have called its services otherwise.
  if (isOwn || (replaces !== undefined && !isPlugin(first))) return;
  throw new ClayError(
    'REFUSED',
    `"${plugin}" cannot provide ${fullName}: its services are called "${plugin}" or "${plugin}.…", and none has a name that a permission opens.`,
  );
}

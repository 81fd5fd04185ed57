import type { Declarations } from './declarations.ts';
import type { Script } from './script.ts';
import { defaultPermissions } from './script-permissions.ts';

/** What a file may do as far as it is its own to say; the operator's ceilings are the host's to apply. */
export interface ScriptRights {
  /** Of its plugin, which is the base name of its file. */
  readonly name: string;
  /** What the file declares, or gets by default. */
  readonly permissions: readonly string[];
  /** Whether it calls `allow`. */
  readonly isDeclared: boolean;
}

export function rightsOf(
  { name }: Pick<Script, 'name'>,
  { permissions }: Pick<Declarations, 'permissions'>,
): ScriptRights {
  return { name, permissions: permissions ?? defaultPermissions(name), isDeclared: permissions !== null };
}

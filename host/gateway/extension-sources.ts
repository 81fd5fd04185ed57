import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { Admission } from '../medic/generations/medic.ts';
import type { Router } from '../router/router.ts';
import type { DeployRequest, SourceCheck, SourceRequest } from './parts.ts';

/** What the host's own service says of a source, and of what became of it. */
interface Written {
  readonly isGood: boolean;
  readonly text: string;
  readonly diagnostics: readonly JsonObject[];
  readonly isSaved?: boolean;
  readonly generation?: number | null;
  readonly state?: Admission['state'];
  readonly problem?: string | null;
}

/** The text of a `.star` file that was sent for an extension; null when these are the sources of a plugin. */
export function extensionSource({ plugin, files }: SourceRequest): string | null {
  const script = files === null ? undefined : [...files.keys()].find((path) => path.endsWith('.star'));
  if (files === null || script === undefined) return null;
  if (files.size === 1 && script === `${plugin}.star`) return files.get(script) ?? '';
  throw new ClayError(
    'BAD_ARGUMENTS',
    `An extension is one file of its own name: send "${plugin}.star" alone, not ${JSON.stringify([...files.keys()].slice(0, 5))}.`,
  );
}

/** Saves the file where the claw keeps its extensions, when it is good. Throws what is wrong with it, whole as `details.output`. */
export async function deployExtension(
  router: Router,
  { plugin, reason }: DeployRequest,
  source: string,
): Promise<Omit<Admission, 'hash'>> {
  const written = await ask(router, 'service:extensions.write', { name: plugin, source, reason });
  if (written.isSaved !== true) {
    throw new ClayError('BAD_ARGUMENTS', `The extension "${plugin}" was not saved: it has to be mended first.`, {
      phase: 'check',
      output: written.text,
      data: { diagnostics: [...written.diagnostics] },
    });
  }
  const { generation, state, problem } = written;
  return { plugin, generation: generation ?? 0, state: state ?? 'rejected', problem: problem ?? null };
}

export async function checkExtension(router: Router, plugin: string, source: string): Promise<SourceCheck> {
  const { isGood, text, diagnostics } = await ask(router, 'service:extensions.check', { name: plugin, source });
  return { plugin, isGood, text, diagnostics };
}

async function ask(router: Router, capability: string, args: Json): Promise<Written> {
  return (await router.call({ capability, args, caller: 'http' })) as unknown as Written;
}

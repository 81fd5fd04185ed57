import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClayError, type Manifest } from '@clay/sdk';
import { manifestOf } from '../script/manifest-of.ts';
import type { ScriptOutline } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import { makeFolder } from './durable.ts';
import { extensionHash, scriptHash } from './extension-hash.ts';

/** A script that was found good, with what is known of it. */
export interface Extension {
  readonly script: Script;
  readonly outline: ScriptOutline;
  readonly manifest: Manifest;
  /** Of source and manifest: what a generation is known by. */
  readonly hash: string;
}

/** What stands beside a kept script. */
interface Record {
  readonly format: typeof format;
  readonly hash: string;
  readonly scriptHash: string;
  readonly outline: ScriptOutline;
}

const format = 1;
const scriptFile = 'extension.star';
const manifestFile = 'plugin.json';
const recordFile = 'build.json';

export function toExtension(script: Script, outline: ScriptOutline): Extension {
  const manifest = manifestOf(script, outline);
  return { script, outline, manifest, hash: extensionHash(script.hash, manifest) };
}

/** Whether a generation that was kept is a script: others are kept beside them. */
export function isKeptExtension(generations: string, plugin: string, generation: number): boolean {
  return existsSync(join(folderOf(generations, plugin, generation), scriptFile));
}

/** Writes an extension where {@link readExtension} finds it under its number. */
export async function keepExtension(generations: string, extension: Extension, generation: number): Promise<void> {
  const { script, outline, manifest, hash } = extension;
  const record: Record = { format, hash, scriptHash: script.hash, outline };
  const place = folderOf(generations, script.name, generation);
  // A host that died between this and the journal's row left a folder that nobody knows of.
  await rm(place, { recursive: true, force: true });
  await makeFolder(place, {
    [scriptFile]: script.source,
    [manifestFile]: toText(manifest),
    [recordFile]: toText(record),
  });
}

/**
 * A kept extension, checked against its hash.
 *
 * @throws ClayError `NOT_FOUND` when it is gone, `CONFLICT` when it is not what was kept
 */
export async function readExtension(generations: string, plugin: string, generation: number): Promise<Extension> {
  const folder = folderOf(generations, plugin, generation);
  const read = async (file: string): Promise<string> => {
    try {
      return await readFile(join(folder, file), 'utf8');
    } catch (cause) {
      throw new ClayError('NOT_FOUND', `Generation ${generation} of "${plugin}" is not whole: ${file} is missing.`, {
        cause,
      });
    }
  };
  const [source, manifestText, recordText] = await Promise.all([scriptFile, manifestFile, recordFile].map(read));
  try {
    const manifest: Manifest = JSON.parse(manifestText!);
    const { hash, outline }: Record = JSON.parse(recordText!);
    const script = { name: plugin, source: source!, hash: scriptHash(source!) };
    if (extensionHash(script.hash, manifest) === hash && manifest.name === plugin)
      return { script, outline, manifest, hash };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new ClayError(
    'CONFLICT',
    `Generation ${generation} of "${plugin}" was changed on the disk (${folder}): it does not have the hash that it was kept with.`,
  );
}

function folderOf(generations: string, plugin: string, generation: number): string {
  return join(generations, plugin, String(generation));
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

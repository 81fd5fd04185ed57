import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClayError } from '@clay/sdk';
import { type BuiltPlugin, manifestText } from '../built-plugin.ts';
import { bundleName, mapName } from '../bundle/bundler.ts';
import { manifestPath } from '../source/source-tree.ts';
import { type BuildRecord, buildRecordName, makeRecord, recordText } from './build-record.ts';

/** A generation on disk. */
export interface GenerationFolder {
  readonly folder: string;
  /** The module to run. */
  readonly main: string;
  readonly record: BuildRecord;
}

/**
 * Writes a build as the folder of a generation, `<generations>/<plugin>/<number>`, that appears whole or not at all and
 * never changes again.
 *
 * @throws ClayError `CONFLICT` when there is such a generation already
 */
export async function writeGeneration(
  generations: string,
  number: number,
  build: BuiltPlugin,
  builtAt: number,
): Promise<GenerationFolder> {
  const parent = join(generations, build.name);
  const folder = join(parent, String(number));
  const temporary = join(parent, `.${number}.${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  const files: ReadonlyMap<string, Uint8Array> = new Map([
    [bundleName, build.code],
    [mapName, build.map],
    [manifestPath, Buffer.from(manifestText(build.manifest))],
  ]);
  const record = makeRecord(build, number, builtAt, files);
  try {
    for (const [name, bytes] of files) await writeDurably(join(temporary, name), bytes);
    await writeDurably(join(temporary, buildRecordName), Buffer.from(recordText(record)));
    await syncFolder(temporary);
    await rename(temporary, folder);
    await syncFolder(parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    throw new ClayError(
      'CONFLICT',
      `Generation ${number} of plugin "${build.name}" exists already; a generation never changes.`,
      {
        cause: error,
      },
    );
  }
  return { folder, main: join(folder, bundleName), record };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o444);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename lasts once its folder is on the disk. Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClayError, type JsonObject, type Manifest } from '@clay/sdk';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import { hashBuild } from '../built-plugin.ts';
import { bundleName, mapName } from '../bundle/bundler.ts';
import { manifestPath } from '../source/source-tree.ts';
import { type BuildRecord, buildRecordName, digest, parseRecord } from './build-record.ts';

export interface VerifiedGeneration {
  readonly main: string;
  readonly hash: string;
  readonly manifest: Manifest;
  readonly record: BuildRecord;
}

const expectedNames = [buildRecordName, bundleName, mapName, manifestPath].sort();

/**
 * Looks at a generation's folder again, before every spawn. Everything that differs is named.
 *
 * @param expectedHash the hash that the journal knows; without it, a folder that was changed together with its own
 * record passes
 * @throws ClayError `REFUSED`; the folder must not be run
 */
export async function verifyGeneration(folder: string, expectedHash?: string): Promise<VerifiedGeneration> {
  const files = await readFiles(folder);
  const record = parseRecord(files.get(buildRecordName)!);
  if (record === null) throw damaged(folder, [`${buildRecordName} is not a record of a build`]);
  const differences = expectedNames
    .filter((name) => name !== buildRecordName)
    .filter((name) => record.files[name] !== digest(files.get(name)!))
    .map((name) => `${name} is not the file that was built`);
  const hash = hashBuild(files.get(bundleName)!, files.get(manifestPath)!);
  if (hash !== record.hash)
    differences.push(`bundle and manifest have the hash ${hash}, but were built as ${record.hash}`);
  if (expectedHash !== undefined && hash !== expectedHash)
    differences.push(`bundle and manifest have the hash ${hash}, but the journal knows ${expectedHash}`);
  const manifest = readWrittenManifest(files.get(manifestPath)!);
  if (manifest === null) differences.push(`${manifestPath} is no manifest`);
  if (differences.length > 0 || manifest === null) throw damaged(folder, differences);
  return { main: join(folder, bundleName), hash, manifest, record };
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new ClayError('REFUSED', `There is no generation in ${folder}: ${cause.message}`, { cause });
  });
  const missing = expectedNames.filter((name) => !names.includes(name)).map((name) => `${name} is missing`);
  const surplus = names.filter((name) => !expectedNames.includes(name)).map((name) => `${name} does not belong to it`);
  const differences = [...missing, ...surplus];
  for (const name of expectedNames.filter((name) => names.includes(name)))
    if (!(await lstat(join(folder, name))).isFile()) differences.push(`${name} is not a regular file`);
  if (differences.length > 0) throw damaged(folder, differences);
  return new Map(
    await Promise.all(expectedNames.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
}

function readWrittenManifest(bytes: Uint8Array): Manifest | null {
  try {
    const parsed = parseManifest(JSON.parse(new TextDecoder().decode(bytes)) as JsonObject);
    return 'manifest' in parsed ? parsed.manifest : null;
  } catch {
    return null;
  }
}

function damaged(folder: string, differences: readonly string[]): ClayError {
  const message = `The generation in ${folder} is damaged and will not be run: ${differences.join('; ')}. Build the plugin again.`;
  return new ClayError('REFUSED', message, { data: { differences: [...differences] } });
}

import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { create, extract } from 'tar';
import { z } from 'zod';
import { makePrivateFolder } from '../claw/private-file.ts';
import { ProvisioningError } from '../errors.ts';
import { volumeRoles } from '../names/username.ts';
import type { ClawVolumes } from './claw-volumes.ts';

const manifestName = 'manifest.json';
const envName = 'claw.env';
const partNames = [...volumeRoles.map((role) => `${role}.tar.gz`), envName];

const manifestSchema = z.object({
  format: z.literal('clay-claw-backup'),
  version: z.literal(1),
  name: z.string(),
  tenant: z.uuid(),
  image: z.string(),
  createdAt: z.string(),
  parts: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Writes one file with everything of a claw, for its owner only; it gets its name when it is whole and on the disk. */
export async function writeArchive(
  target: string,
  volumes: Pick<ClawVolumes, 'read'>,
  about: Pick<Manifest, 'name' | 'tenant' | 'image' | 'createdAt'>,
  envFile: string,
): Promise<Manifest> {
  if (existsSync(target)) throw new ProvisioningError('TAKEN', `${target} exists already; choose another name.`);
  makeFolderOf(target);
  const folder = mkdtempSync(`${resolve(target)}.unfinished-`);
  try {
    for (const role of volumeRoles)
      await volumes.read(role, (archive) =>
        pipeline(archive, createGzip(), privateFile(join(folder, `${role}.tar.gz`))),
      );
    writeFileSync(join(folder, envName), envFile, { mode: 0o600 });
    const parts = Object.fromEntries(
      await Promise.all(partNames.map(async (name) => [name, await digestOf(join(folder, name))] as const)),
    );
    const manifest: Manifest = { format: 'clay-claw-backup', version: 1, ...about, parts };
    writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    const whole = join(folder, basename(target));
    await pipeline(create({ cwd: folder, portable: true }, [manifestName, ...partNames]), privateFile(whole));
    renameSync(whole, target);
    return manifest;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A backup that was found whole. */
export interface OpenArchive {
  readonly manifest: Manifest;
  readonly envFile: string;
  /** Puts what the volumes held into others. */
  writeTo(volumes: Pick<ClawVolumes, 'write'>): Promise<void>;
  close(): void;
}

/** Unpacks a backup into a folder beside it and compares every part with its checksum. Throws `BAD_ARCHIVE`. */
export async function openArchive(file: string): Promise<OpenArchive> {
  if (!existsSync(file)) throw new ProvisioningError('BAD_ARCHIVE', `There is no file ${file}.`);
  const folder = mkdtempSync(`${resolve(file)}.open-`);
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    await unpack(file, folder);
    const manifest = readManifest(file, folder);
    for (const name of partNames) await checkPart(file, folder, name, manifest);
    return {
      manifest,
      close,
      envFile: readFileSync(join(folder, envName), 'utf8'),
      async writeTo(volumes) {
        for (const role of volumeRoles) await volumes.write(role, unzipped(join(folder, `${role}.tar.gz`)));
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function unpack(file: string, folder: string): Promise<void> {
  const known = new Set([manifestName, ...partNames]);
  try {
    await extract({
      file,
      cwd: folder,
      strict: true,
      filter: (path, entry) => known.has(path) && 'type' in entry && entry.type === 'File',
    });
  } catch (error) {
    throw new ProvisioningError(
      'BAD_ARCHIVE',
      `${file} is no backup, or only a part of one: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

function readManifest(file: string, folder: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
  } catch (error) {
    throw new ProvisioningError(
      'BAD_ARCHIVE',
      `${file} is no backup of a claw that this tool knows: its ${manifestName} cannot be read.`,
      { cause: error },
    );
  }
}

async function checkPart(file: string, folder: string, name: string, { parts }: Manifest): Promise<void> {
  const path = join(folder, name);
  const found = existsSync(path) ? await digestOf(path) : null;
  if (found !== null && found.sha256 === parts[name]?.sha256) return;
  throw new ProvisioningError(
    'BAD_ARCHIVE',
    `${file} is damaged: ${name} ${found === null ? 'is missing' : 'is not what its checksum says'}.`,
  );
}

function unzipped(path: string): Readable {
  const [source, unzip] = [createReadStream(path), createGunzip()];
  // An error of the file has to reach whoever reads; `pipe` would keep it to itself.
  source.on('error', (error) => unzip.destroy(error));
  return source.pipe(unzip);
}

function privateFile(path: string) {
  return createWriteStream(path, { mode: 0o600, flush: true });
}

function makeFolderOf(file: string): void {
  if (!existsSync(dirname(resolve(file)))) makePrivateFolder(dirname(resolve(file)));
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { bytes: statSync(path).size, sha256: hash.digest('hex') };
}

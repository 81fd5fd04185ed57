import { copyFileSync, cpSync, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError } from '@clay/sdk';
import type { ConfigPaths } from '../config/config.ts';
import { Connection } from '../store/connection.ts';
import { readVolumeHold } from '../store/volume-hold.ts';

/** The same places below another root. */
export function pathsBelow(root: string): ConfigPaths {
  const data = join(root, 'data');
  return {
    root,
    data,
    database: join(data, 'messages.db'),
    journal: join(data, 'journal.db'),
    soul: join(root, 'soul'),
    public: join(root, 'public'),
    extensions: join(data, 'extensions'),
    files: join(data, 'files'),
    artifacts: join(data, 'artifacts'),
    backups: join(data, 'backups'),
    clayJson: join(root, 'clay.json'),
  };
}

/**
 * Copies a database as it is at one moment, whether or not a host writes to it. One that nobody has open is copied as
 * files: to open it would write beside it.
 */
export async function copyDatabase(file: string, target: string, data: string): Promise<string> {
  if (!existsSync(file)) return 'there is none yet';
  requireRoom(file, target);
  if (readVolumeHold(data) !== 'held') {
    for (const part of ['', '-wal']) if (existsSync(file + part)) copyFileSync(file + part, target + part);
    // Whoever came meanwhile may have written between the two files.
    if (readVolumeHold(data) !== 'held') return sizeOf(target);
  }
  const connection = new Connection(file, { readonly: true });
  try {
    await connection.backup(target);
  } finally {
    connection.close();
  }
  return sizeOf(target);
}

/** Files that the rehearsal reads: the soul, the operator's file, and of each generation that serves its build. */
export function copyFiles(from: ConfigPaths, to: ConfigPaths): void {
  for (const folder of [to.data, to.files, to.public, to.extensions]) mkdirSync(folder, { recursive: true });
  if (existsSync(from.soul)) cpSync(from.soul, to.soul, { recursive: true, dereference: false });
  if (existsSync(from.clayJson)) copyFileSync(from.clayJson, to.clayJson);
}

/** What serves, by the journal's copy, is copied as it was built. */
export function copyServing(from: ConfigPaths, to: ConfigPaths): void {
  if (!existsSync(to.journal)) return;
  for (const { plugin, generation } of servingIn(to.journal))
    for (const name of [`${generation}`, `${generation}.base`]) {
      const source = join(from.data, 'generations', plugin, name);
      if (existsSync(source)) cpSync(source, join(to.data, 'generations', plugin, name), { recursive: true });
    }
}

function servingIn(journal: string): readonly { readonly plugin: string; readonly generation: number }[] {
  const connection = new Connection(journal);
  try {
    return connection
      .prepare('SELECT plugin, generation FROM pointers WHERE generation > 0')
      .all()
      .map((row) => ({ plugin: String(row.plugin), generation: Number(row.generation) }));
  } finally {
    connection.close();
  }
}

function requireRoom(file: string, target: string): void {
  const wanted = statSync(file).size;
  const { bavail, bsize } = statfsSync(join(target, '..'));
  if (bavail * bsize > wanted * 1.2) return;
  throw new ClayError(
    'UNAVAILABLE',
    `A copy of ${file} (${sizeText(wanted)}) does not fit beside ${target} (${sizeText(bavail * bsize)} are free). Give the container a larger /tmp (--tmpfs /tmp:size=…), or name another folder with TMPDIR.`,
  );
}

function sizeOf(file: string): string {
  return sizeText(statSync(file).size);
}

function sizeText(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}

import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config/load.ts';
import { readRunFile } from '../../gateway/run-file.ts';
import type { Backup } from '../../store/store.ts';
import { CliError, UnreachableError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { defaultRoot, findClaw } from '../client/find-claw.ts';
import type { Command, CommandContext } from '../command.ts';

export const backup: Command = {
  usage: '[FILE]',
  help: `
Copies the database of the claw on CLAY_ROOT, whether it runs or not, into its folder of backups. With FILE, which must
not exist, a copy goes there too. "clay restore FILE" takes it back. Files, soul and extensions, and the claw's key in
data/identity.pem, are files of CLAY_ROOT and not in it: for a move, copy the whole folder of a stopped claw.
`,
  options: {},
  maxArgs: 1,
  run: runBackup,
};

async function runBackup({ env, terminal, args }: CommandContext): Promise<number> {
  const target = args[0] === undefined ? null : resolve(args[0]);
  if (target !== null && existsSync(target)) throw new CliError(`${target} exists already; choose another name.`);
  const { config } = loadConfig({ env, defaultRoot, isTerminal: false });
  const made = await copy();
  if (target !== null) {
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(made.file, target);
  }
  terminal.print(target ?? made.file);
  return 0;

  /** Whoever has the database open makes the copy. A host that was killed leaves its run file behind. */
  async function copy(): Promise<Backup> {
    if (readRunFile(config.paths.data) === null) return copyStopped();
    try {
      const client = new ClawClient(findClaw({ ...env, CLAY_URL: undefined }));
      return await client.ask<Backup>('POST', '/api/admin/backup');
    } catch (error) {
      if (error instanceof UnreachableError) return copyStopped();
      throw error;
    }
  }

  async function copyStopped(): Promise<Backup> {
    const { database, data, backups } = config.paths;
    if (!existsSync(database)) throw new CliError(`There is no database at ${database}, so there is nothing to copy.`);
    const { openStore } = await import('../../store/open-store.ts');
    const store = openStore({ database, data, backups, keepBackups: config.backup.keep, clock: systemClock });
    try {
      return await store.backup();
    } finally {
      store.close();
    }
  }
}

import { resolve } from 'node:path';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config/load.ts';
import { CliError } from '../cli-error.ts';
import { defaultRoot } from '../client/find-claw.ts';
import type { Command } from '../command.ts';

export const restore: Command = {
  usage: 'FILE',
  help: `
Puts a backup in the place of the database of the claw on CLAY_ROOT, which must not run. The backup is checked first, and
the database that was there is kept beside it.
`,
  options: {},
  maxArgs: 1,
  async run({ env, terminal, args }) {
    const [file] = args;
    if (file === undefined) throw new CliError('clay restore needs the FILE of a backup.', 2);
    const { config } = loadConfig({ env, defaultRoot, isTerminal: false });
    const { restoreBackup } = await import('../../store/backup.ts');
    const { database, data } = config.paths;
    const { former } = restoreBackup(resolve(file), { database, data, clock: systemClock });
    terminal.print(`${database} is now the backup ${resolve(file)}.`);
    if (former !== null) terminal.print(`What was there is ${former}.`);
    return 0;
  },
};

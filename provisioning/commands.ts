import type { AdminCommand } from './command.ts';
import { backup } from './commands/backup.ts';
import { deprovision } from './commands/deprovision.ts';
import { list } from './commands/list.ts';
import { move } from './commands/move.ts';
import { patch } from './commands/patch.ts';
import { provision } from './commands/provision.ts';
import { restore } from './commands/restore.ts';
import { setupHost } from './commands/setup-host.ts';
import { status } from './commands/status.ts';

/** Every command of `clay admin`, in the order of the help. */
export const adminCommands: Readonly<Record<string, AdminCommand>> = {
  'setup-host': setupHost,
  provision,
  deprovision,
  patch,
  list,
  status,
  backup,
  restore,
  move,
};

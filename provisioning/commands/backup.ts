import { join, resolve } from 'node:path';
import { writeArchive } from '../archive/archive.ts';
import { backUp } from '../archive/back-up.ts';
import { folderVolumes, requireStopped } from '../archive/claw-volumes.ts';
import { formatEnvFile, readEnvFile } from '../claw/env-file.ts';
import { withLock } from '../claw/lock.ts';
import { type AdminCommand, type AdminContext, textOption } from '../command.ts';
import { ProvisioningError } from '../errors.ts';
import { parseUsername } from '../names/username.ts';
import { parseTenant } from './provision.ts';

export const backup: AdminCommand = {
  usage: 'USERNAME [--to FILE]',
  summary: 'copy everything of a claw into one file',
  help: `
Stops the claw (open turns end first), copies its three volumes and its settings into one file with checksums, and starts it
again. The file is for its owner only (mode 0600), as it holds the claw's keys and memory: encrypt it before it leaves the machine.

  --to FILE       default: CLAW_ROOT/backups/USERNAME-TIME.tar
  --folder DIR    a claw that runs without a container, stopped, whose CLAY_ROOT is DIR; needs --tenant
  --tenant UUID   whose it is, for --folder
  --env-file FILE its variables, for --folder
`,
  options: {
    to: { type: 'string' },
    folder: { type: 'string' },
    tenant: { type: 'string' },
    'env-file': { type: 'string' },
  },
  maxArgs: 1,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const { operator, clock, print } = context;
  const username = parseUsername(context.args[0]);
  const time = new Date(clock.now()).toISOString().replace(/[:.]/g, '-');
  const target = resolve(textOption(context, 'to') ?? join(operator.root, 'backups', `${username}-${time}.tar`));
  const folder = textOption(context, 'folder');
  if (folder === undefined) await withLock(operator.root, username, () => backUp(context, username, target, false));
  else await backUpFolder(context, username, folder, target);
  print(target);
  return 0;
}

async function backUpFolder(context: AdminContext, name: string, folder: string, target: string): Promise<void> {
  const tenant = parseTenant(textOption(context, 'tenant'));
  if (tenant === null) throw new ProvisioningError('BAD_OPTION', '--folder needs --tenant UUID: whose the claw is.');
  requireStopped(folder);
  const envFile = textOption(context, 'env-file');
  const environment = envFile === undefined ? '' : formatEnvFile(readEnvFile(envFile));
  const createdAt = new Date(context.clock.now()).toISOString();
  await writeArchive(
    target,
    folderVolumes(folder),
    { name, tenant, image: context.operator.image, createdAt },
    environment,
  );
}

import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type OpenArchive, openArchive } from '../archive/archive.ts';
import { dockerVolumes, folderVolumes, requireStopped } from '../archive/claw-volumes.ts';
import { parseEnvFile } from '../claw/env-file.ts';
import { withLock } from '../claw/lock.ts';
import { makeClaw } from '../claw/make-claw.ts';
import { makePrivateFolder, writePrivate } from '../claw/private-file.ts';
import { type AdminCommand, type AdminContext, operatorOptions, textOption } from '../command.ts';
import { ProvisioningError } from '../errors.ts';
import { nameLabel, parseNewUsername, tenantLabel } from '../names/username.ts';

export const restore: AdminCommand = {
  usage: 'USERNAME FILE',
  summary: 'make a claw from a backup, in an empty place',
  help: `
Compares the backup with its checksums, makes a claw of that name with its data, settings and identity, and starts it. The name
must be free, and the tenant's data must not be here already: to put a claw back to a backup, "deprovision USERNAME
--delete-data" first. FILE may be "-" for standard input.

  --folder DIR  into a folder instead, for a claw that runs without a container (CLAY_ROOT=DIR); its variables go to DIR/claw.env
  --domain, --image, --router, --memory, --cpus, --pids
                as for "provision"
`,
  options: { folder: { type: 'string' }, ...operatorOptions },
  maxArgs: 2,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const username = parseNewUsername(context.args[0]);
  const [, file] = context.args;
  if (file === undefined) throw new ProvisioningError('BAD_OPTION', 'The FILE of the backup is missing.');
  return withFile(context, file, async (path) => {
    const archive = await openArchive(path);
    try {
      const folder = textOption(context, 'folder');
      if (folder === undefined) await intoDocker(context, username, archive);
      else await intoFolder(folder, archive);
      const { createdAt, tenant } = archive.manifest;
      context.print(`${folder ?? `claw-${username}`} is as it was at ${createdAt} (tenant ${tenant}).`);
      return 0;
    } finally {
      archive.close();
    }
  });
}

async function intoDocker(
  context: AdminContext,
  username: string,
  { manifest, envFile, writeTo }: OpenArchive,
): Promise<void> {
  const { docker, operator } = context;
  const environment = parseEnvFile(envFile, 'the settings in the backup');
  await withLock(operator.root, username, async () => {
    await requireTenantIsElsewhere(context, manifest.tenant);
    await makeClaw(context, {
      username,
      tenant: manifest.tenant,
      isAdopted: false,
      environment,
      fill: (names) => writeTo(dockerVolumes(docker, names.container)),
    });
  });
}

/** Two claws of one tenant would speak with one identity. */
async function requireTenantIsElsewhere({ docker }: AdminContext, tenant: string): Promise<void> {
  const format = `{{.Label "${nameLabel}"}}`;
  const filter = `label=${tenantLabel}=${tenant}`;
  const found = await docker.run(['volume', 'ls', '--filter', filter, '--format', format]);
  const name = found.split('\n').find(Boolean);
  if (name === undefined) return;
  throw new ProvisioningError(
    'TAKEN',
    `The data of tenant ${tenant} is here already, as ${name}. To put it back to the backup: "deprovision ${name} --delete-data", then restore.`,
  );
}

async function intoFolder(folder: string, { envFile, writeTo }: OpenArchive): Promise<void> {
  makePrivateFolder(folder);
  requireStopped(folder);
  await writeTo(folderVolumes(folder));
  writePrivate(join(folder, 'claw.env'), envFile);
}

/** Standard input is put into a file first: nothing is made before the whole of it was compared with its checksums. */
async function withFile<Result>(
  { operator, input }: AdminContext,
  file: string,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  if (file !== '-') return work(resolve(file));
  makePrivateFolder(operator.root);
  const folder = mkdtempSync(join(operator.root, 'incoming-'));
  try {
    const path = join(folder, 'backup.tar');
    await pipeline(input, createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

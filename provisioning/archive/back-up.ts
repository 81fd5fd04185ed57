import { readFileSync } from 'node:fs';
import { findTenant } from '../claw/find-tenant.ts';
import { proveHealth } from '../claw/health.ts';
import { UserFolder } from '../claw/user-folder.ts';
import type { AdminContext } from '../command.ts';
import { inspectContainer } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import { namesOf } from '../names/username.ts';
import { type Manifest, writeArchive } from './archive.ts';
import { dockerVolumes } from './claw-volumes.ts';

/**
 * Copies a claw into one file while it does not run, so that every database in it is whole. It is started again in any case, unless
 * `staysDown`.
 */
export async function backUp(
  context: AdminContext,
  username: string,
  target: string,
  staysDown: boolean,
): Promise<Manifest> {
  const { docker, operator, clock, timing, say } = context;
  const names = namesOf(username);
  const folder = new UserFolder(operator.root, username);
  const tenant = await findTenant(docker, names, folder.read()?.tenant ?? null);
  const container = await inspectContainer(docker, names.container);
  if (container === null)
    throw new ProvisioningError(
      'UNKNOWN_CLAW',
      `There is no container ${names.container}; "provision ${username} --adopt ${tenant}" makes one for the data that was kept.`,
    );
  const wasRunning = container.State.Running;
  if (wasRunning) {
    say('stopping the claw; open turns end first');
    await docker.run(['stop', '-t', String(timing.graceSeconds), names.container]);
  }
  let isCopied = false;
  try {
    const createdAt = new Date(clock.now()).toISOString();
    const about = { name: username, tenant, image: container.Config.Image, createdAt };
    const manifest = await writeArchive(
      target,
      dockerVolumes(docker, names.container),
      about,
      readFileSync(folder.envFile, 'utf8'),
    );
    isCopied = true;
    return manifest;
  } finally {
    if (wasRunning && !(isCopied && staysDown)) {
      await docker.run(['start', names.container]);
      await proveHealth(docker, names.container, { ...timing, healthMs: 0 }, clock);
    }
  }
}

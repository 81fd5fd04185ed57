import type { Docker } from '../docker/docker.ts';
import { inspectVolume } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import { type ClawNames, nameLabel, tenantLabel } from '../names/username.ts';
import type { Undo } from './undo.ts';

/** Throws unless every volume of this name is absent, or belongs to the tenant. */
export async function requireFreeVolumes(
  docker: Docker,
  { volumes, container }: ClawNames,
  tenant: string | null,
): Promise<void> {
  for (const { name } of volumes) {
    const found = await inspectVolume(docker, name);
    if (found === null) continue;
    const owner = found.Labels?.[tenantLabel];
    if (owner !== undefined && owner === tenant) continue;
    const username = container.replace(/^claw-/, '');
    const ways =
      owner === undefined
        ? 'It has no label that says whose it is; look into it, and remove it by "docker volume rm" when nobody needs it.'
        : `It belongs to tenant ${owner}. To give that tenant its claw back: "provision ${username} --adopt ${owner}". To give the name to somebody else: "deprovision ${username} --delete-data" first (a backup keeps what is in it).`;
    throw new ProvisioningError('TAKEN', `The volume ${name} is there already. ${ways}`);
  }
}

/** Makes the volumes that are not there. Docker says nothing when one is, so each is looked at again: somebody may have been faster. */
export async function makeVolumes(
  docker: Docker,
  names: ClawNames,
  username: string,
  tenant: string,
  undo: Undo,
): Promise<void> {
  for (const { name } of names.volumes) {
    if ((await inspectVolume(docker, name)) === null) {
      const labels = ['--label', `${tenantLabel}=${tenant}`, '--label', `${nameLabel}=${username}`];
      await docker.run(['volume', 'create', ...labels, name]);
      undo.push(`volume ${name}`, async () => {
        const made = await inspectVolume(docker, name);
        if (made?.Labels?.[tenantLabel] === tenant) await docker.run(['volume', 'rm', name]);
      });
    }
    const found = await inspectVolume(docker, name);
    if (found?.Labels?.[tenantLabel] !== tenant)
      throw new ProvisioningError(
        'TAKEN',
        `The volume ${name} was made by somebody else at the same moment. Try again.`,
      );
  }
}

import type { Docker } from '../docker/docker.ts';
import { inspectContainer, inspectVolume } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import { type ClawNames, tenantLabel } from '../names/username.ts';

/** Whose claw of this name is, by everything that is left of it. Throws when that is nobody, or several. */
export async function findTenant(docker: Docker, names: ClawNames, recorded: string | null): Promise<string> {
  const container = await inspectContainer(docker, names.container);
  const volumes = await Promise.all(names.volumes.map(({ name }) => inspectVolume(docker, name)));
  const told = [
    recorded,
    ...(container === null ? [] : [container.Config.Labels?.[tenantLabel] ?? 'nobody']),
    ...volumes.flatMap((volume) => (volume === null ? [] : [volume.Labels?.[tenantLabel] ?? 'nobody'])),
  ].filter((tenant) => tenant !== null);
  const [tenant, ...others] = new Set(told);
  if (tenant === undefined)
    throw new ProvisioningError(
      'UNKNOWN_CLAW',
      `There is no ${names.container} here, and nothing that was kept of one.`,
    );
  if (others.length === 0 && tenant !== 'nobody') return tenant;
  throw new ProvisioningError(
    'TAKEN',
    `What is called ${names.container} belongs to different tenants (${[tenant, ...others].join(', ')}), so it is left alone. Look at "docker inspect" of the container and of ${names.volumes.map(({ name }) => name).join(', ')}.`,
  );
}

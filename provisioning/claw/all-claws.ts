import type { Docker } from '../docker/docker.ts';
import { type Container, inspectContainer } from '../docker/inspect.ts';
import { nameLabel, tenantLabel } from '../names/username.ts';
import { type ClawState, stateOf } from './health.ts';
import { allRecords } from './user-folder.ts';

export interface ClawOverview {
  readonly name: string;
  readonly tenant: string;
  readonly state: ClawState | 'kept';
  readonly image: string;
  readonly container: Container | null;
}

/** Every claw that Docker or the operator's side knows, by name. */
export async function allClaws(docker: Docker, root: string): Promise<readonly ClawOverview[]> {
  const told = await docker.run(['ps', '--all', '--filter', `label=${tenantLabel}`, '--format', '{{.Names}}']);
  const containers = await Promise.all(
    told
      .split('\n')
      .filter(Boolean)
      .map((name) => inspectContainer(docker, name)),
  );
  const claws = new Map<string, ClawOverview>();
  for (const { name, tenant, deprovisionedAt } of allRecords(root)) {
    const state = deprovisionedAt === null ? 'missing' : 'kept';
    claws.set(name, { name, tenant, state, image: '', container: null });
  }
  for (const container of containers) {
    const name = container?.Config.Labels?.[nameLabel];
    // A successor or predecessor of a patch is no claw of its own.
    if (container === null || name === undefined || container.Name.replace(/^\//, '') !== `claw-${name}`) continue;
    const tenant = container.Config.Labels?.[tenantLabel] ?? '';
    claws.set(name, { name, tenant, state: stateOf(container), image: container.Config.Image, container });
  }
  return [...claws.values()].sort((a, b) => a.name.localeCompare(b.name));
}

import type { AdminContext } from '../command.ts';
import { DockerError } from '../docker/docker.ts';
import { inspectContainer, inspectImage } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import { type ClawNames, nameLabel, namesOf, tenantLabel } from '../names/username.ts';
import { openRoute } from '../router/router.ts';
import { createFlags, parseCompose } from './compose.ts';
import { writeEnvFile } from './env-file.ts';
import { proveHealth } from './health.ts';
import { freePort, takePort } from './ports.ts';
import { makePrivateFolder, writePrivate } from './private-file.ts';
import { fillTemplate } from './template.ts';
import { Undo } from './undo.ts';
import { UserFolder } from './user-folder.ts';
import { makeVolumes, requireFreeVolumes } from './volumes.ts';

export interface NewClaw {
  readonly username: string;
  readonly tenant: string;
  /** Whether the tenant's volumes may be there already. */
  readonly isAdopted: boolean;
  readonly environment: ReadonlyMap<string, string>;
  /** Puts into the volumes what shall be there before the claw starts for the first time. */
  fill(names: ClawNames): Promise<void>;
}

/** Makes a claw and starts it. When anything fails, everything that was made for it is taken away again. */
export async function makeClaw(context: AdminContext, claw: NewClaw): Promise<void> {
  const { docker, operator, say } = context;
  const { username, tenant } = claw;
  const names = namesOf(username);
  await requireFree(context, names, claw);
  const undo = new Undo();
  try {
    await make();
  } catch (error) {
    await undo.run(say);
    throw error;
  }

  async function make(): Promise<void> {
    const folder = new UserFolder(operator.root, username);
    const former = folder.read();
    const isNewFolder = former === null;
    makePrivateFolder(folder.path);
    if (isNewFolder) undo.push('the folder', () => folder.remove());
    const port = operator.router === 'nginx' ? (former?.port ?? takePort(operator.root, username)) : null;
    if (port !== null && former?.port == null) undo.push('the port', () => freePort(operator.root, username, port));
    writeEnvFile(folder.envFile, claw.environment);
    const compose = composeOf(context, claw, port);
    writePrivate(folder.composeFile, compose);

    await makeVolumes(docker, names, username, tenant, undo);
    const labels = ['--label', `${tenantLabel}=${tenant}`, '--label', `${nameLabel}=${username}`];
    await docker.run(['network', 'create', ...labels, names.network]);
    undo.push('the network', () => docker.run(['network', 'rm', names.network]));
    await createContainer(compose, folder);
    undo.push('the container', () => docker.run(['rm', '--force', names.container]));
    await claw.fill(names);
    await docker.run(['start', names.container]);
    await proveHealth(docker, names.container, { ...context.timing, healthMs: 0 }, context.clock);
    await openRoute({ ...context, names, username, port }, undo);
    const createdAt = former?.createdAt ?? new Date(context.clock.now()).toISOString();
    folder.write({ name: username, tenant, createdAt, port, deprovisionedAt: null });
  }

  /** The name is the container's, and Docker gives it once: here the second of two that came at once ends. */
  async function createContainer(compose: string, folder: UserFolder): Promise<void> {
    const file = parseCompose(compose, folder.composeFile);
    try {
      await docker.run(['create', ...createFlags(file, folder.envFile), file.services.claw.image]);
    } catch (error) {
      if (!(error instanceof DockerError) || !error.isNameTaken) throw error;
      throw new ProvisioningError('TAKEN', `Somebody else has just made a claw ${username}.`, { cause: error });
    }
  }
}

async function requireFree({ docker, operator }: AdminContext, names: ClawNames, claw: NewClaw): Promise<void> {
  const { username, tenant } = claw;
  if ((await inspectContainer(docker, names.container)) !== null)
    throw new ProvisioningError('TAKEN', `There is a claw ${username} already.`);
  const record = new UserFolder(operator.root, username).read();
  if (record !== null && record.tenant !== tenant)
    throw new ProvisioningError(
      'TAKEN',
      `The name ${username} was tenant ${record.tenant}'s, whose data was kept. To give it back: "provision ${username} --adopt ${record.tenant}". To give the name to somebody else: "deprovision ${username} --delete-data" first.`,
    );
  await requireFreeVolumes(docker, names, claw.isAdopted ? tenant : null);
  if ((await inspectImage(docker, operator.image)) === null)
    throw new ProvisioningError(
      'DOCKER',
      `There is no image ${operator.image} here. Build it ("patch --build", or make -C docker build), or pull it.`,
    );
}

function composeOf({ operator }: AdminContext, { username, tenant }: NewClaw, port: number | null): string {
  return fillTemplate('docker-compose.user.yml.tpl', {
    USERNAME: username,
    TENANT: tenant,
    IMAGE: operator.image,
    MEMORY: operator.memory,
    CPUS: operator.cpus,
    PIDS: operator.pids,
    DOMAIN: operator.domain,
    CERT_RESOLVER: operator.certResolver,
    PORTS: JSON.stringify(port === null ? [] : [`127.0.0.1:${port}:8080`]),
  });
}

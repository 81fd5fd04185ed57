import { findTenant } from '../claw/find-tenant.ts';
import { withLock } from '../claw/lock.ts';
import { freePort } from '../claw/ports.ts';
import { UserFolder } from '../claw/user-folder.ts';
import type { AdminCommand, AdminContext } from '../command.ts';
import { inspectContainer, inspectNetwork, inspectVolume } from '../docker/inspect.ts';
import { namesOf, parseUsername } from '../names/username.ts';
import { closeRoute } from '../router/router.ts';

export const deprovision: AdminCommand = {
  usage: 'USERNAME [--delete-data]',
  summary: 'take a claw down; its data stays, or is deleted',
  help: `
Stops the claw (open turns end first), and removes its container, its network and the way to it. Its three volumes and its
settings stay, under its tenant's id: "provision USERNAME --adopt TENANT" gives them back, and nobody else gets them.

  --delete-data  deletes the volumes and the settings too, for good; the name is free then
`,
  options: { 'delete-data': { type: 'boolean' } },
  maxArgs: 1,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const { operator, docker, print, options, timing } = context;
  const username = parseUsername(context.args[0]);
  const names = namesOf(username);
  return withLock(operator.root, username, async () => {
    const folder = new UserFolder(operator.root, username);
    const record = folder.read();
    const tenant = await findTenant(docker, names, record?.tenant ?? null);
    await closeRoute({ ...context, names, username, port: record?.port ?? null });
    for (const name of [names.container, names.next, names.former]) {
      const container = await inspectContainer(docker, name);
      if (container === null) continue;
      if (container.State.Running) await docker.run(['stop', '-t', String(timing.graceSeconds), name]);
      await docker.run(['rm', '--force', name]);
    }
    if ((await inspectNetwork(docker, names.network)) !== null) await docker.run(['network', 'rm', names.network]);
    if (options['delete-data'] !== true) {
      if (record !== null) folder.write({ ...record, deprovisionedAt: new Date(context.clock.now()).toISOString() });
      print(
        `claw-${username} is down; the data of tenant ${tenant} stays in ${names.volumes.map(({ name }) => name).join(', ')}.`,
      );
      return 0;
    }
    for (const { name } of names.volumes)
      if ((await inspectVolume(docker, name)) !== null) await docker.run(['volume', 'rm', name]);
    folder.remove();
    if (record?.port != null) freePort(operator.root, username, record.port);
    print(`claw-${username} and the data of tenant ${tenant} are deleted.`);
    return 0;
  });
}

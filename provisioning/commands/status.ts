import { findTenant } from '../claw/find-tenant.ts';
import { lastWords, stateOf } from '../claw/health.ts';
import { UserFolder } from '../claw/user-folder.ts';
import { type AdminCommand, type AdminContext, operatorOptions } from '../command.ts';
import { inspectContainer, inspectVolume } from '../docker/inspect.ts';
import { namesOf, parseUsername } from '../names/username.ts';

export const status: AdminCommand = {
  usage: 'USERNAME',
  summary: 'show one claw; exit code 0 when it is healthy',
  help: `
State, image, limits, volumes and address of a claw, and the end of its log when it is not well. Exit code 0: healthy, 1: not.

  --domain DOMAIN  when the claw was made with another than the host's
`,
  options: { domain: operatorOptions.domain },
  maxArgs: 1,
  run,
};

async function run({ docker, operator, args, print }: AdminContext): Promise<number> {
  const username = parseUsername(args[0]);
  const names = namesOf(username);
  const record = new UserFolder(operator.root, username).read();
  const tenant = await findTenant(docker, names, record?.tenant ?? null);
  const container = await inspectContainer(docker, names.container);
  const state = stateOf(container);
  const rows: [string, string][] = [
    ['state', record?.deprovisionedAt ? `taken down ${record.deprovisionedAt}, data kept` : state],
    ['tenant', tenant],
    ['address', `https://${username}.${operator.domain}`],
  ];
  if (container !== null) {
    const { Memory, NanoCpus, PidsLimit } = container.HostConfig;
    rows.push(['image', `${container.Config.Image} (${container.Image.replace(/^sha256:/, '').slice(0, 12)})`]);
    rows.push([
      'limits',
      `${Number(Memory) / 1024 ** 2} MB, ${Number(NanoCpus) / 1e9} CPU, ${String(PidsLimit)} processes`,
    ]);
    rows.push(['restarts', String(container.RestartCount)]);
  }
  for (const { role, name } of names.volumes)
    rows.push([role, (await inspectVolume(docker, name)) === null ? `${name} is missing` : name]);
  for (const name of [names.next, names.former])
    if ((await inspectContainer(docker, name)) !== null)
      rows.push(['patch', `${name} is left of a patch that was cut off; run "patch ${username}"`]);
  for (const [key, value] of rows) print(`${key.padEnd(9)} ${value}`);
  if (state === 'healthy') return 0;
  if (container !== null) print(await lastWords(docker, names.container));
  return 1;
}

import { join } from 'node:path';
import { allClaws } from '../claw/all-claws.ts';
import { withLock } from '../claw/lock.ts';
import { findTemplates } from '../claw/template.ts';
import { UserFolder } from '../claw/user-folder.ts';
import { type AdminCommand, type AdminContext, numberOption, operatorOptions } from '../command.ts';
import { ProvisioningError } from '../errors.ts';
import { namesOf, parseUsername } from '../names/username.ts';
import { patchClaw } from '../patch/patch.ts';
import { inWaves } from '../patch/waves.ts';

export const patch: AdminCommand = {
  usage: '[--build] USERNAME | --all',
  summary: 'put a claw, or all of them, on a new image',
  help: `
The new container proves itself in standby (image, settings, a copy of the database, every plugin) while the old one serves. Then
the old one ends its open turns and frees the volumes, and the new one takes them. When it is not healthy for 30 seconds, the old
one is started again. Mounts, limits, labels, networks and whatever else Docker knows of the old container are the new one's too.

  --all      every claw that runs, one first and then four at a time; the first failure stops the rest
  --wave N   so many at a time
  --build    builds the image first
  --image    the image; else CLAW_DOCKER_IMAGE, operator.json, or clay:latest

Exit code 0: all are patched and healthy. 1: something failed; the summary says what, and what was left.
`,
  options: {
    all: { type: 'boolean' },
    build: { type: 'boolean' },
    wave: { type: 'string' },
    image: operatorOptions.image,
  },
  maxArgs: 1,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const { docker, operator, options, args, say, print } = context;
  if ((options.all === true) === (args[0] !== undefined))
    throw new ProvisioningError('BAD_OPTION', 'Say which claw: a USERNAME, or --all.');
  const size = numberOption(context, 'wave', 4);
  if (size < 1) throw new ProvisioningError('BAD_OPTION', '--wave must be 1 or more.');
  const names = options.all === true ? await running(context) : [parseUsername(args[0])];
  if (options.build === true) {
    const repository = join(findTemplates(), '..');
    say(`building ${operator.image}`);
    await docker.run([
      'build',
      '--tag',
      operator.image,
      '--file',
      join(repository, 'docker', 'Dockerfile'),
      repository,
    ]);
  }
  const { done, left } = await inWaves(names, size, (name) => patchOne(context, name));
  for (const { name, error } of done)
    print(`${name}: ${error === null ? 'patched, healthy' : `failed: ${error.message}`}`);
  if (left.length > 0) print(`left as they were: ${left.join(', ')}`);
  return done.every(({ error }) => error === null) ? 0 : 1;
}

async function running({ docker, operator }: AdminContext): Promise<readonly string[]> {
  const claws = await allClaws(docker, operator.root);
  return claws.filter(({ container }) => container?.State.Running === true).map(({ name }) => name);
}

async function patchOne({ docker, operator, clock, timing, say }: AdminContext, username: string): Promise<void> {
  await withLock(operator.root, username, () =>
    patchClaw({
      docker,
      clock,
      timing,
      names: namesOf(username),
      folder: new UserFolder(operator.root, username),
      image: operator.image,
      say: (line) => say(`${username}: ${line}`),
    }),
  );
}

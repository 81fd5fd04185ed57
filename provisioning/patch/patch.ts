import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readEnvFile, writeEnvFile } from '../claw/env-file.ts';
import { proveHealth, type Trial } from '../claw/health.ts';
import type { UserFolder } from '../claw/user-folder.ts';
import type { Docker } from '../docker/docker.ts';
import { type Container, inspectContainer, inspectImage } from '../docker/inspect.ts';
import { type Recreation, recreationOf } from '../docker/recreation.ts';
import { ProvisioningError } from '../errors.ts';
import type { ClawNames } from '../names/username.ts';
import type { Clock } from '../waits/clock.ts';
import { goBack } from './go-back.ts';
import { recover } from './recover.ts';
import { waitForStandby } from './standby.ts';

export interface PatchTiming extends Trial {
  readonly standbyMs: number;
  /** What open turns get when the old one is asked to stop. */
  readonly graceSeconds: number;
}

export const patchTiming: PatchTiming = {
  standbyMs: 180_000,
  bootMs: 120_000,
  healthMs: 30_000,
  pollMs: 1_000,
  graceSeconds: 60,
};

export interface Patch {
  readonly docker: Docker;
  readonly clock: Clock;
  readonly names: ClawNames;
  readonly folder: UserFolder;
  readonly image: string;
  readonly timing: PatchTiming;
  say(line: string): void;
}

/**
 * Puts a claw on another image. The new container proves itself in standby while the old one serves; only then does the old one
 * drain and free the volumes. When the new one does not stay healthy, the old one is started again, and this throws.
 */
export async function patchClaw(patch: Patch): Promise<void> {
  const { docker, names, timing, clock, say } = patch;
  await recover(patch);
  const old = await inspectContainer(docker, names.container);
  if (old === null) throw new ProvisioningError('UNKNOWN_CLAW', `There is no container ${names.container}.`);
  if ((await inspectImage(docker, patch.image)) === null)
    throw new ProvisioningError(
      'DOCKER',
      `There is no image ${patch.image} here. Build it, or pull it; nothing was changed.`,
    );
  const oldImage = await inspectImage(docker, old.Image);
  const whole = recreationOf(old, oldImage);
  // One port or address cannot be held twice: then the standby is a rehearsal without them, and the container is made afterwards.
  const isRehearsal = whole.holdsAddresses;

  say(isRehearsal ? 'rehearsing the new image beside the old container' : 'starting the new container in standby');
  const backup = await inStandby(patch, old, isRehearsal ? recreationOf(old, oldImage, true) : whole);

  // Before the old one stops: a rehearsal would take the volumes that become free.
  if (isRehearsal) await docker.run(['rm', '--force', names.next]);
  say('stopping the old container; open turns end first');
  if (old.State.Running) await docker.run(['stop', '-t', String(graceOf(old, timing)), names.container]);
  await docker.run(['rename', names.container, names.former]);
  try {
    if (isRehearsal) {
      await create(patch, names.container, whole, null);
      await docker.run(['start', names.container]);
    } else {
      await docker.run(['rename', names.next, names.container]);
    }
    say(`the new container serves; watching it for ${timing.healthMs / 1000} s`);
    await proveHealth(docker, names.container, timing, clock);
  } catch (error) {
    await goBack(patch, backup, error as Error);
  }
  await docker.run(['update', '--restart', whole.restart, names.container]);
  await docker.run(['rm', names.former]);
}

/** Everything of the patch before the old container hears of it: a failure removes the new one, and that was all. */
async function inStandby(patch: Patch, old: Container, recreation: Recreation): Promise<string | null> {
  const { docker, names, timing, clock, say } = patch;
  try {
    await create(patch, names.next, recreation, `wait:${randomUUID()}`);
    await docker.run(['start', names.next]);
    const { pendingMigrations } = await waitForStandby(docker, names.next, timing, clock);
    if (pendingMigrations.length === 0 || !old.State.Running) return null;
    say(`the new image changes the database (${pendingMigrations.join(', ')}); copying it first`);
    return (await docker.run(['exec', names.container, 'clay', 'backup'])).trim();
  } catch (error) {
    await removeIfThere(docker, names.next);
    throw error;
  }
}

async function create(
  { docker, names, folder, image }: Patch,
  name: string,
  { flags, command, environment, connections }: Recreation,
  standby: string | null,
): Promise<void> {
  const values = new Map(environment);
  values.delete('CLAY_STANDBY');
  // The operator's file is the truth of what it names: who has changed a key there wants the claw to have it.
  for (const [key, value] of readEnvFile(folder.envFile)) values.set(key, value);
  if (standby !== null) values.set('CLAY_STANDBY', standby);
  // A line of an env-file is one value; the few with several lines go by Docker's own environment.
  const [long, plain] = [new Map<string, string>(), new Map<string, string>()];
  for (const [key, value] of values) (value.includes('\n') ? long : plain).set(key, value);
  requireHarmless(long, names);
  const file = `${folder.envFile}.next`;
  writeEnvFile(file, plain);
  try {
    const passed = [...long.keys()].flatMap((key) => ['--env', key]);
    const own = ['--name', name, '--restart', 'no', '--env-file', file, ...passed];
    await docker.run(['create', ...own, ...flags, image, ...command], { env: Object.fromEntries(long) });
  } finally {
    rmSync(file);
  }
  for (const connection of connections) await docker.run(['network', 'connect', ...connection, name]);
}

function requireHarmless(values: ReadonlyMap<string, string>, { container }: ClawNames): void {
  const wrong = [...values.keys()].find((key) => /^(PATH|HOME|LD_.*|DOCKER_.*)$/.test(key));
  if (wrong === undefined) return;
  throw new ProvisioningError(
    'UNKNOWN_SETTING',
    `The variable ${wrong} of ${container} has several lines, and Docker's own program would take it for its own. Nothing was changed.`,
  );
}

function graceOf({ Config }: Container, { graceSeconds }: PatchTiming): number {
  return Math.max(Config.StopTimeout ?? 0, graceSeconds);
}

export async function removeIfThere(docker: Docker, name: string): Promise<void> {
  if ((await inspectContainer(docker, name)) !== null) await docker.run(['rm', '--force', name]);
}

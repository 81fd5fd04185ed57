import { proveHealth } from '../claw/health.ts';
import { inspectContainer } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import type { Patch } from './patch.ts';

/**
 * Ends the new container and starts the old one again; always throws, saying how that went. Never both at once: the new one has
 * stopped before the old one starts.
 *
 * @param backup a database that the old image can read, where the new one has changed its tables
 */
export async function goBack(patch: Patch, backup: string | null, reason: Error): Promise<never> {
  const { docker, names, timing, clock, say } = patch;
  say('the new container failed; starting the old one again');
  try {
    if ((await inspectContainer(docker, names.container)) !== null) {
      await docker.run(['stop', '-t', String(timing.graceSeconds), names.container]);
      await docker.run(['rename', names.container, names.next]);
    }
    await docker.run(['rename', names.former, names.container]);
    if (backup !== null) await restoreDatabase(patch, backup);
    await docker.run(['start', names.container]);
    await proveHealth(docker, names.container, { ...timing, healthMs: 0 }, clock);
    if ((await inspectContainer(docker, names.next)) !== null) await docker.run(['rm', '--force', names.next]);
  } catch (error) {
    throw new ProvisioningError(
      'UNHEALTHY',
      `${reason.message}\nThe old container could not be brought back either: ${(error as Error).message}\nNobody serves ${names.container} now. Its volumes are untouched; look at "docker ps -a" and "docker logs".`,
      { cause: reason },
    );
  }
  const data =
    backup === null ? '' : ' Its database is the copy from before the patch; what came since is kept beside it.';
  throw new ProvisioningError('UNHEALTHY', `${reason.message}\nThe old container serves again.${data}`, {
    cause: reason,
  });
}

async function restoreDatabase({ docker, names }: Patch, backup: string): Promise<void> {
  const old = await inspectContainer(docker, names.container);
  const confined = [
    '--network',
    'none',
    '--read-only',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges',
    '--tmpfs',
    '/tmp',
  ];
  const mounts = ['--volumes-from', names.container, '--entrypoint', 'clay'];
  await docker.run(['run', '--rm', ...confined, ...mounts, old?.Image ?? '', 'restore', backup]);
}

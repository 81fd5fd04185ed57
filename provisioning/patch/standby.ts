import { z } from 'zod';
import { lastWords, stateOf } from '../claw/health.ts';
import { type Docker, DockerError } from '../docker/docker.ts';
import { inspectContainer } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import type { Clock } from '../waits/clock.ts';

/** What a container in standby says of itself: `clay standby`. */
const report = z.looseObject({ state: z.string(), pendingMigrations: z.array(z.string()).default([]) });
export type StandbyReport = z.infer<typeof report>;

/** Exit code of `clay standby` while the preflight goes on (EX_TEMPFAIL). */
const stillChecking = 75;

/** Resolves when the preflight has passed and the container waits for the volume. Throws `UNHEALTHY` with what it found. */
export async function waitForStandby(
  docker: Docker,
  name: string,
  { standbyMs, pollMs }: { readonly standbyMs: number; readonly pollMs: number },
  clock: Clock,
): Promise<StandbyReport> {
  const begin = clock.now();
  for (;;) {
    const answer = await ask(docker, name);
    if (answer !== null) return answer;
    const state = stateOf(await inspectContainer(docker, name));
    if (state === 'stopped' || state === 'missing')
      throw new ProvisioningError(
        'UNHEALTHY',
        `The new image did not pass its preflight. ${await lastWords(docker, name)}`,
      );
    if (clock.now() - begin > standbyMs)
      throw new ProvisioningError(
        'UNHEALTHY',
        `The preflight was not over after ${standbyMs} ms. ${await lastWords(docker, name)}`,
      );
    await clock.wait(pollMs);
  }
}

/** Null while it is not (yet) waiting; whether it ever will be is the container's state to tell. */
async function ask(docker: Docker, name: string): Promise<StandbyReport | null> {
  try {
    const told = await docker.run(['exec', name, 'clay', 'standby']);
    return report.parse(JSON.parse(told.trim().split('\n').at(-1) ?? ''));
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    const isEarly = error.exitCode === stillChecking || /not running|restarting|no such container/i.test(error.stderr);
    if (isEarly || error.exitCode === 3) return null;
    throw error;
  }
}

import type { Docker } from '../docker/docker.ts';
import { type Container, inspectContainer } from '../docker/inspect.ts';
import { ProvisioningError } from '../errors.ts';
import type { Clock } from '../waits/clock.ts';

export type ClawState = 'missing' | 'created' | 'stopped' | 'starting' | 'unhealthy' | 'healthy';

/** In one word. An image without a health check counts as well while it runs. */
export function stateOf(container: Container | null): ClawState {
  if (container === null) return 'missing';
  const { Status, Running, Health } = container.State;
  if (Status === 'created') return 'created';
  if (!Running || Status === 'restarting') return 'stopped';
  const health = Health?.Status;
  return health === 'starting' || health === 'unhealthy' ? health : 'healthy';
}

export interface Trial {
  /** To its first "healthy", in milliseconds. */
  readonly bootMs: number;
  /** How long it has to stay so. */
  readonly healthMs: number;
  readonly pollMs: number;
}

/** Resolves when the container has become healthy and stayed so without a restart. Throws `UNHEALTHY` with its last words. */
export async function proveHealth(docker: Docker, name: string, trial: Trial, clock: Clock): Promise<void> {
  const begin = clock.now();
  let healthySince: number | null = null;
  for (;;) {
    const container = await inspectContainer(docker, name);
    const state = stateOf(container);
    const passed = clock.now() - begin;
    if (state === 'missing' || state === 'stopped' || (container?.RestartCount ?? 0) > 0)
      throw await failure(
        docker,
        name,
        `ended with exit code ${container?.State.ExitCode ?? 'unknown'} after ${passed} ms`,
      );
    if (state === 'unhealthy') throw await failure(docker, name, `was unhealthy after ${passed} ms`);
    if (state === 'healthy') healthySince ??= clock.now();
    else if (healthySince !== null)
      throw await failure(docker, name, `did not stay healthy: it is ${state} after ${passed} ms`);
    else if (passed > trial.bootMs) throw await failure(docker, name, `was not healthy after ${passed} ms`);
    if (healthySince !== null && clock.now() - healthySince >= trial.healthMs) return;
    await clock.wait(trial.pollMs);
  }
}

async function failure(docker: Docker, name: string, what: string): Promise<ProvisioningError> {
  return new ProvisioningError('UNHEALTHY', `${name} ${what}. ${await lastWords(docker, name)}`);
}

/** The end of a container's log, for a message. */
export async function lastWords(docker: Docker, name: string, lines = 15): Promise<string> {
  const found = await inspectContainer(docker, name);
  if (found === null) return 'It is gone, and its log with it.';
  const log = (await docker.run(['logs', '--tail', String(lines), name])).trim();
  return log === '' ? 'It has logged nothing.' : `Its log ends:\n${log}`;
}

import type { Operator } from '../claw/operator.ts';
import type { Undo } from '../claw/undo.ts';
import type { Environment } from '../command.ts';
import { type Docker, DockerError } from '../docker/docker.ts';
import { inspectContainer } from '../docker/inspect.ts';
import type { ClawNames } from '../names/username.ts';
import { addNginxClaw, removeNginxClaw } from './nginx.ts';

export interface RouterOptions {
  readonly docker: Docker;
  readonly env: Environment;
  readonly operator: Operator;
  readonly names: ClawNames;
  readonly username: string;
  readonly port: number | null;
  say(line: string): void;
}

/** Leads the world to a claw. */
export async function openRoute(options: RouterOptions, undo: Undo): Promise<void> {
  const { docker, operator, names, say, username, env } = options;
  switch (operator.router) {
    case 'none':
      return;
    case 'nginx':
      undo.push('nginx', () => removeNginxClaw(operator, username, env));
      await addNginxClaw(operator, username, options.port ?? 0, env);
      return;
    case 'traefik': {
      if ((await inspectContainer(docker, operator.traefik)) === null) {
        say(
          `warning: there is no container ${operator.traefik}; when Traefik runs, connect it: docker network connect ${names.network} ${operator.traefik}`,
        );
        return;
      }
      // Traefik joins every claw's network; no claw joins another's.
      await docker.run(['network', 'connect', names.network, operator.traefik]);
      undo.push('the way from Traefik', () =>
        docker.run(['network', 'disconnect', '--force', names.network, operator.traefik]),
      );
    }
  }
}

export async function closeRoute({ docker, operator, names, username, env }: RouterOptions): Promise<void> {
  if (operator.router === 'nginx') await removeNginxClaw(operator, username, env);
  if (operator.router !== 'traefik') return;
  try {
    await docker.run(['network', 'disconnect', '--force', names.network, operator.traefik]);
  } catch (error) {
    const isGone = error instanceof DockerError && (error.isMissing || /is not connected/i.test(error.stderr));
    if (!isGone) throw error;
  }
}

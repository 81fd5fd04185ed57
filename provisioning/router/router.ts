import type { Operator } from '../claw/operator.ts';
import type { Undo } from '../claw/undo.ts';
import type { Environment } from '../command.ts';
import type { Docker } from '../docker/docker.ts';
import { inspectContainer, inspectNetwork } from '../docker/inspect.ts';
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

/** Whatever led to it: what its maker chose may not be what the operator chooses now. */
export async function closeRoute({ docker, operator, names, username, env }: RouterOptions): Promise<void> {
  await removeNginxClaw(operator, username, env);
  const network = await inspectNetwork(docker, names.network);
  for (const { Name } of Object.values(network?.Containers ?? {}))
    if (![names.container, names.next, names.former].includes(Name))
      await docker.run(['network', 'disconnect', '--force', names.network, Name]);
}

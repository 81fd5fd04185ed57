import type { Drain } from '../drain.ts';
import type { App } from '../fastify.ts';
import type { GatewayParts } from '../parts.ts';
import { addAbsentRoutes } from './absent.ts';
import { addArtifactRoutes } from './artifacts.ts';
import { addGraphRoutes } from './graphs.ts';
import { addRunRoutes } from './run.ts';
import { addSessionRoutes } from './sessions.ts';
import { addTraceRoutes } from './traces.ts';

/** The HTTP API of the Agent Development Kit, below whatever prefix `app` has. */
export function addAdkApi(app: App, parts: GatewayParts, drain: Drain): void {
  const { agentHost } = parts;
  app.get('/list-apps', { config: { access: 'chat', about: 'The one app.' } }, () => [agentHost.appName]);
  addSessionRoutes(app, agentHost);
  addRunRoutes(app, parts, drain);
  addArtifactRoutes(app, agentHost);
  addTraceRoutes(app, agentHost);
  addGraphRoutes(app, agentHost);
  addAbsentRoutes(app);
}

import { ClayError } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import type { App } from '../fastify.ts';
import { describeTree } from './agent-tree.ts';
import { drawAgents, drawEvent } from './dot.ts';
import { checkApp, type SessionParams, sessionKey } from './names.ts';

type EventParams = SessionParams & { readonly event: string };

/** Drawings for the ADK web UI: the agents, and what an event did among them. */
export function addGraphRoutes(app: App, agentHost: AgentHost): void {
  const { appName } = agentHost;

  app.get<{ Params: { app: string } }>(
    '/dev/apps/:app/build_graph',
    { config: { access: 'debug', about: 'The agents and their tools, as a tree.' } },
    (request) => {
      checkApp(request.params.app, appName);
      return describeTree(agentHost.graph());
    },
  );

  app.get<{ Params: { app: string }; Querystring: { dark_mode?: string } }>(
    '/dev/apps/:app/build_graph_image',
    { config: { access: 'debug', about: 'The agents and their tools, in the language of Graphviz.' } },
    (request) => {
      checkApp(request.params.app, appName);
      const graph = agentHost.graph();
      const dotSrc = drawAgents(graph, { isDark: request.query.dark_mode === 'true' });
      return { [graph.rootAgent.name]: { dotSrc }, dotSrc };
    },
  );

  for (const prefix of ['', '/dev']) {
    app.get<{ Params: EventParams; Querystring: { dark_mode?: string } }>(
      `${prefix}/apps/:app/users/:user/sessions/:session/events/:event/graph`,
      {
        config: { access: 'debug', about: 'The agents, with what an event used marked, in the language of Graphviz.' },
      },
      (request) => {
        const key = sessionKey(request.params, appName);
        const event = agentHost.sessions.event(key, request.params.event);
        if (event === undefined) {
          const id = JSON.stringify(request.params.event);
          throw new ClayError('NOT_FOUND', `There is no event ${id} in session ${JSON.stringify(key.id)}.`);
        }
        return { dotSrc: drawEvent(agentHost.graph(), event, { isDark: request.query.dark_mode === 'true' }) };
      },
    );
  }
}

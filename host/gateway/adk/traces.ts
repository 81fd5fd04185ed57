import { ClayError } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import type { App } from '../fastify.ts';

/** What the ADK web UI shows behind an event. Old traces are forgotten: see the agent's trace ring. */
export function addTraceRoutes(app: App, agentHost: AgentHost): void {
  for (const prefix of ['', '/dev/apps/:app']) {
    app.get<{ Params: { event: string } }>(
      `${prefix}/debug/trace/:event`,
      { config: { access: 'debug', about: 'Attributes of the span that made an event.' } },
      (request) => {
        const { event } = request.params;
        const attributes = agentHost.traces.byEvent(event);
        if (attributes !== undefined) return attributes;
        throw new ClayError(
          'NOT_FOUND',
          `There is no trace of event ${JSON.stringify(event)}; old traces are forgotten.`,
        );
      },
    );
    app.get<{ Params: { session: string } }>(
      `${prefix}/debug/trace/session/:session`,
      { config: { access: 'debug', about: 'Spans of a session, in order of their start.' } },
      (request) => agentHost.traces.bySession(request.params.session),
    );
  }
}

import type { Drain } from './drain.ts';
import type { App } from './fastify.ts';
import type { GatewayParts } from './parts.ts';

export interface Readiness {
  readonly ok: boolean;
  readonly reason?: string;
}

/** Whether a turn can be taken now, and if not, why. */
export function checkReadiness(parts: GatewayParts, isDraining: boolean): Readiness {
  if (isDraining) return { ok: false, reason: 'The host is stopping.' };
  try {
    parts.store.check();
  } catch (error) {
    return { ok: false, reason: `The database does not work: ${(error as Error).message}` };
  }
  return parts.agentHost.ready();
}

/** For supervisors, probes and scrapers. */
export function addHealthRoutes(app: App, parts: GatewayParts, drain: Drain): void {
  const startedAt = parts.clock.now();
  const { agentHost, metrics, store, version } = parts;

  // Some probes ask with HEAD.
  const method = ['GET', 'HEAD'];
  app.route({
    method,
    url: '/livez',
    config: { access: 'open', about: 'The process answers.' },
    handler: () => ({ ok: true }),
  });

  app.route({
    method,
    url: '/health',
    config: { access: 'open', about: 'The same, in the ADK server’s words.' },
    handler: (_request, reply) => reply.type('text/plain').send('OK'),
  });

  app.route({
    method,
    url: '/readyz',
    config: { access: 'open', about: 'A turn can be taken; else 503 and why.' },
    handler: (_request, reply) => {
      const readiness = checkReadiness(parts, drain.isDraining);
      if (readiness.ok) return { ok: true };
      const error = readiness.reason ?? 'No turn can be taken.';
      return reply.code(503).header('retry-after', '5').send({ ok: false, error, code: 'UNAVAILABLE' });
    },
  });

  // At `/api` too, where the web UI looks for it when the API is there.
  for (const url of ['/version', '/api/version']) {
    app.get(url, { config: { access: 'open', about: 'Versions of Clay, Node and the model.' } }, () => ({
      version,
      language: 'typescript',
      language_version: process.versions.node,
      model: agentHost.model,
    }));
  }

  app.get(
    '/metrics',
    { config: { access: 'debug', about: 'Metrics in Prometheus’ text format.' } },
    async (_request, reply) => {
      const rendered = await metrics.render({
        activeTurns: () => agentHost.turns.active(),
        usageByModel: () => store.usage.sumBy('model', { since: startedAt }),
      });
      return reply.type(rendered.contentType).send(rendered.body);
    },
  );
}

import type { App, Reply } from '../fastify.ts';

const lists = ['eval_sets', 'eval-sets', 'eval_results', 'eval_metrics', 'tests'];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * What the ADK web UI asks for and Clay does not do: evaluation sets, recorded tests and the visual builder. The UI gets
 * the empty answers that it takes for "none", and a plain 501 where it wants to change something.
 */
export function addAbsentRoutes(app: App): void {
  const config = { access: 'chat', about: 'Not part of Clay: answers what the web UI takes for none.' } as const;
  for (const list of lists) {
    app.get(`/dev/apps/:app/${list}`, { config }, () => []);
    app.get(`/apps/:app/${list}`, { config }, () => []);
    app.route({ method: methods, url: `/apps/:app/${list}/*`, config, handler: refuse });
  }
  app.get('/dev/apps/:app/metrics-info', { config }, () => ({ metricsInfo: [] }));
  app.get('/dev/apps/:app/builder', { config }, (_request, reply) => reply.code(404).type('text/plain').send(''));
  app.route({ method: methods, url: '/dev/apps/:app/*', config, handler: refuse });
}

function refuse(_request: unknown, reply: Reply): Reply {
  const error = 'Clay has no evaluation sets, recorded tests or visual builder.';
  return reply.code(501).send({ error, code: 'NOT_IMPLEMENTED' });
}

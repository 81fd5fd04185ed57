import type { App, Reply } from '../fastify.ts';

/**
 * What the ADK web UI asks for and Clay does not do: evaluation sets, recorded tests and the visual builder. The UI gets
 * the empty answers that it takes for "none", and a plain 501 where it wants to change something.
 */
export function addAbsentRoutes(app: App): void {
  const chat = {
    config: { access: 'chat', about: 'Not part of Clay; answers what the web UI takes for none.' },
  } as const;
  for (const prefix of ['/apps/:app', '/dev/apps/:app']) {
    for (const list of ['eval_sets', 'eval-sets', 'eval_results', 'tests', 'eval_metrics']) {
      app.get(`${prefix}/${list}`, chat, () => (list === 'eval-sets' ? { evalSetIds: [] } : []));
      app.route({
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: `${prefix}/${list}/*`,
        ...chat,
        handler: refuse,
      });
      app.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: `${prefix}/${list}`, ...chat, handler: refuse });
    }
    app.get(`${prefix}/metrics-info`, chat, () => ({ metricsInfo: [] }));
    app.get(`${prefix}/builder`, chat, (_request, reply) => reply.code(404).type('text/plain').send(''));
    app.post(`${prefix}/builder/*`, chat, refuse);
  }
}

function refuse(_request: unknown, reply: Reply): Reply {
  const error = 'Clay has no evaluation sets, recorded tests or visual builder; write tests with npm test instead.';
  return reply.code(501).send({ error, code: 'NOT_IMPLEMENTED' });
}

import type { App } from './fastify.ts';
import type { GatewayParts } from './parts.ts';

/** What `clay` asks a running host. */
export function addAdminRoutes(app: App, parts: GatewayParts): void {
  const { agentHost, registry, plugins, store } = parts;

  app.get(
    '/api/admin/plugins',
    { config: { access: 'debug', about: 'Plugins with their generations and states.' } },
    () => plugins(),
  );

  app.get(
    '/api/admin/tools',
    { config: { access: 'debug', about: 'Tools that the model is offered, with their parameters.' } },
    () =>
      registry.list('tool').map(({ name, plugin, generation, description, parameters }) => ({
        name,
        plugin,
        generation,
        description,
        parameters,
      })),
  );

  app.post(
    '/api/admin/check-model',
    { config: { access: 'debug', about: 'Asks the model for one token; fails with why it does not answer.' } },
    async () => {
      await agentHost.checkModel();
      return { model: agentHost.model };
    },
  );

  app.post(
    '/api/admin/backup',
    { config: { access: 'control', about: 'Writes a copy of the database beside it.' } },
    () => store.backup(),
  );
}

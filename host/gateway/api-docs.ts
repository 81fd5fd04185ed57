import { z } from '../schema.ts';
import { type App, createBareApp, type FastifyContextConfig, type FastifySchema, type HTTPMethods } from './fastify.ts';

interface Operation {
  readonly summary?: string;
}

interface DescribedRoute {
  readonly method: HTTPMethods | HTTPMethods[];
  readonly url: string;
  readonly config: FastifyContextConfig;
}

const description =
  'Chat routes need no token on a loopback address; elsewhere, and on control routes always, send Authorization: Bearer TOKEN. Bodies are JSON. Failures are {error, code}.';

/**
 * The API's description, made from the routes' own `config` when somebody first asks for it. Add it before the routes.
 */
export function addApiDocs(app: App, version: string): void {
  const routes: DescribedRoute[] = [];
  let document: ReturnType<typeof describe> | null = null;
  app.addHook('onRoute', ({ method, url, config = {} }) => {
    if (config.about !== undefined) routes.push({ method: method as HTTPMethods, url, config });
  });

  app.get('/api/docs', { config: { access: 'open', about: 'This description.' } }, async (request, reply) => {
    document ??= describe(routes, version);
    const { paths = {}, ...rest } = await document;
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return { ...rest, paths };
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return reply.type('text/html; charset=utf-8').send(renderPage(paths, version));
  });
}

/** The library describes the routes of a whole application: it gets one that has them and nothing behind them. */
async function describe(routes: readonly DescribedRoute[], version: string) {
  const { default: swagger } = await import('@fastify/swagger');
  const app = createBareApp();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Clay', version, description },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ url, route }) => {
      const { about, access, body } = route.config ?? {};
      const described: FastifySchema = {
        summary: about ?? '',
        tags: [url.split('/').find((segment) => segment !== '' && segment !== 'api') ?? 'root'],
        security: access === 'open' || access === 'login' ? [] : [{ token: [] }],
        params: describeParams(url),
        ...(body === undefined ? {} : { body: z.toJSONSchema(body, { io: 'output', unrepresentable: 'any' }) }),
      };
      return { schema: described, url };
    },
  });
  await app.register(async (scope) => {
    for (const route of routes) scope.route({ ...route, handler: () => null });
  });
  await app.ready();
  return app.swagger();
}

function describeParams(url: string): object {
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  return { type: 'object', properties, required: names };
}

function renderPage(paths: object, version: string): string {
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, Operation>).map(
      ([method, { summary = '' }]) =>
        `<tr><td>${escapeHtml(method.toUpperCase())}<td><code>${escapeHtml(path)}</code><td>${escapeHtml(summary)}`,
    ),
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Clay: API</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}td{padding:.2rem .8rem .2rem 0;vertical-align:top}</style>
<h1>Clay ${escapeHtml(version)}: API</h1>
<p>The whole description, with bodies, is this address as JSON (OpenAPI 3.1): <code>curl URL/api/docs</code>.</p>
<table>${rows.join('\n')}</table></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

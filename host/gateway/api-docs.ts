import { z } from '../schema.ts';
import type { App } from './fastify.ts';

interface Operation {
  readonly summary?: string;
}

/** The API's description, made from the routes' own `config`. Register it before the routes. */
export async function addApiDocs(app: App, version: string): Promise<void> {
  const { default: swagger } = await import('@fastify/swagger');
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Clay',
        version,
        description:
          'Chat routes need no token on a loopback address; elsewhere, and on control routes always, send Authorization: Bearer TOKEN. Bodies are JSON. Failures are {error, code}.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => {
      const { about, access, body } = route.config ?? {};
      const described: Record<string, unknown> = {
        ...schema,
        tags: [url.split('/').find((segment) => segment !== '' && segment !== 'api') ?? 'root'],
        hide: about === undefined,
        security: access === 'open' || access === 'login' ? [] : [{ token: [] }],
        params: describeParams(url),
      };
      if (about !== undefined) described.summary = about;
      if (body !== undefined) described.body = z.toJSONSchema(body, { io: 'output', unrepresentable: 'any' });
      return { schema: described, url };
    },
  });

  app.get('/api/docs', { config: { access: 'open', about: 'This description.' } }, (request, reply) => {
    const document = app.swagger();
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return document;
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return reply.type('text/html; charset=utf-8').send(renderPage(document.paths ?? {}, version));
  });
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

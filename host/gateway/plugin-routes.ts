import { ClayError, type Json, type RouteResponse } from '@clay/sdk';
import type { Capability, Registry } from '../registry/registry.ts';
import type { Entrance } from './entrance.ts';
import type { App, Request } from './fastify.ts';
import type { Access } from './guard.ts';
import type { GatewayParts } from './parts.ts';
import { matchPath } from './path-pattern.ts';
import { Refusal } from './refusal.ts';

interface Match {
  readonly capability: Capability;
  readonly access: Access;
  readonly params: Readonly<Record<string, string>>;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Pages of a plugin live on the claw's own origin. The sandbox gives them an origin of their own instead, so that a script
 * in them cannot use the person's cookie on control routes.
 */
const sandbox = 'sandbox allow-forms allow-popups allow-scripts';

/** Headers that belong to the connection or to the gateway. */
const withheld = new Set([
  'connection',
  'content-length',
  'content-security-policy',
  'keep-alive',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** `/plugins/<plugin>/…`: what plugins declared by `ctx.route`, looked up at each request, so that a swap shows at once. */
export function addPluginRoutes(app: App, parts: GatewayParts, entrance: Entrance): void {
  const { registry, router } = parts;

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.route({
      method: methods,
      url: '/plugins/:plugin/*',
      // The plugin says who may use its route; the guard is asked with that in the handler.
      config: { access: 'open', about: 'Routes of plugins.' },
      handler: async (request, reply) => {
        const match = findRoute(registry, request);
        await entrance.admit(request, match.access);
        if (match.access !== 'open') refuseForms(request);
        const value = await router.call({
          capability: match.capability.fullName,
          args: describeRequest(request, match.params),
          caller: 'http',
        });
        const response = value as unknown as RouteResponse;
        for (const [name, header] of Object.entries(response.headers ?? {})) {
          if (!withheld.has(name.toLowerCase())) reply.header(name, header);
        }
        reply.header('content-security-policy', sandbox);
        return reply.code(response.status ?? 200).send(response.body);
      },
    });
  });
}

function findRoute(registry: Registry, request: Request): Match {
  const { plugin, '*': rest } = request.params as { readonly plugin: string; readonly '*': string };
  const path = `/${rest}`;
  const routes = registry.list('route').filter((route) => route.plugin === plugin);
  const found = routes.flatMap((capability) => {
    const params = matchPath(String(capability.details.path), path);
    return params === null ? [] : [{ capability, params, access: readAccess(capability) }];
  });
  const match = found.find(({ capability }) => capability.details.method === request.method);
  if (match !== undefined) return match;
  if (found.length === 0) {
    throw new ClayError('NOT_FOUND', `The plugin ${JSON.stringify(plugin)} has no route ${path}.`);
  }
  const allow = found.map(({ capability }) => String(capability.details.method)).join(', ');
  throw new Refusal('METHOD_NOT_ALLOWED', `/plugins/${plugin}${path} takes ${allow}, not ${request.method}.`, {
    allow,
  });
}

/** `public` is the SDK's word for what the guard calls `open`; anything unknown is a control route. */
function readAccess(capability: Capability): Access {
  const { access } = capability.details;
  return access === 'public' ? 'open' : access === 'chat' ? 'chat' : 'control';
}

function refuseForms(request: Request): void {
  const type = request.headers['content-type'];
  if (request.body === undefined || type === undefined || /^application\/([\w.-]+\+)?json\b/i.test(type)) return;
  throw new Refusal('NOT_JSON', `Content-Type is ${type}; send the body as Content-Type: application/json.`);
}

function describeRequest(request: Request, params: Readonly<Record<string, string>>): Json {
  const flat = (fields: object) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
    );
  const { authorization: _token, cookie: _cookie, ...headers } = request.headers;
  const { '*': rest } = request.params as { readonly '*': string };
  return {
    method: request.method,
    path: `/${rest}`,
    params,
    query: flat(request.query as object),
    headers: flat(headers),
    body: typeof request.body === 'string' ? request.body : '',
  };
}

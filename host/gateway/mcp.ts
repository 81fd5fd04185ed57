import { ClayError, type JsonObject } from '@clay/sdk';
import type { App, Request } from './fastify.ts';
import type { GatewayParts } from './parts.ts';

/** Who speaks the Model Context Protocol; the gateway only lets its requests in. */
const provider = 'service:mcp.serve';

/** All that the protocol reads: the token that let the request in stays here. */
const passedHeaders = /^(accept|content-type|last-event-id|mcp-[a-z0-9-]+)$/;

/** All that the protocol answers with. */
const answeredHeaders = /^(allow|cache-control|content-type|mcp-[a-z0-9-]+)$/;

/** For tools that take their time; whoever waits less goes away, which cancels the call. */
const serveMs = 900_000;

interface Answer extends JsonObject {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The claw's own tools for programs that speak MCP, at `/mcp`. */
export function addMcpRoute(app: App, { registry, router }: Pick<GatewayParts, 'registry' | 'router'>): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.route({
      method: ['GET', 'POST', 'DELETE'],
      url: '/mcp',
      config: { access: 'control', about: 'The claw’s tools by the Model Context Protocol (streamable HTTP).' },
      handler: async (request, reply) => {
        if (registry.get(provider) === undefined)
          throw new ClayError('UNAVAILABLE', 'No plugin of this claw speaks MCP now: see /status for what "mcp" says.');
        const gone = new AbortController();
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished)
            gone.abort(new ClayError('CANCELLED', 'The program that asked by MCP went away.'));
        });
        const args = describeRequest(request);
        const call = { capability: provider, args, caller: 'mcp', timeoutMs: serveMs, signal: gone.signal };
        const { status, headers, body } = (await router.call(call)) as Answer;
        const answered = Object.entries(headers).filter(([name]) => answeredHeaders.test(name));
        return reply.code(status).headers(Object.fromEntries(answered)).send(body);
      },
    });
  });
}

function describeRequest(request: Request): JsonObject {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    passedHeaders.test(name) ? [[name, Array.isArray(value) ? value.join(', ') : String(value)]] : [],
  );
  return {
    method: request.method,
    headers: Object.fromEntries(headers),
    body: typeof request.body === 'string' ? request.body : '',
  };
}

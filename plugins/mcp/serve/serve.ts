import type { Call, Clock, Json, JsonObject, Log } from '@clay/sdk';
import { z } from 'zod';
import type { OwnTools } from './own-tools.ts';

export const serveRequest = z.strictObject({
  method: z.enum(['GET', 'POST', 'DELETE']),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

export interface ServeOptions {
  readonly tools: OwnTools;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Served extends JsonObject {
  readonly status: number;
  readonly headers: JsonObject;
  readonly body: string;
}

/** Time for the answer to be written when a tool has taken all there was. */
const marginMs = 2000;

/**
 * Answers one request of a client: nothing is kept between two, so that every process can. A stream that waits for news
 * has nothing to tell here, and is refused.
 */
export async function serve(request: z.infer<typeof serveRequest>, call: Call, options: ServeOptions): Promise<Served> {
  const { method, headers, body } = request;
  if (method !== 'POST') return { status: 405, headers: { allow: 'POST' }, body: '' };
  const { createMcpHandler, Server } = await import('./server-library.ts');
  const { tools, version, clock, log } = options;
  const handler = createMcpHandler(
    () => {
      const server = new Server({ name: 'clay', version }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/list', async () => ({ tools: [...(await tools.list())] }));
      server.setRequestHandler('tools/call', ({ params }) => {
        const timeoutMs = Math.max(1, call.deadline - clock.now() - marginMs);
        return tools.run(params.name, (params.arguments ?? {}) as Json, call, timeoutMs) as Promise<never>;
      });
      return server;
    },
    { onerror: (error) => log.debug('mcp.serve.refused', { error: error.message }) },
  );
  try {
    const asked = new Request('http://claw.invalid/mcp', { method, headers, body, signal: call.signal });
    const response = isListening(body) ? notFound(body) : await handler.fetch(asked);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  } finally {
    await handler.close();
  }
}

/** A stream that would never end; we have said that our lists do not change by themselves. */
function isListening(body: string): boolean {
  return parsed(body)?.method === 'subscriptions/listen';
}

function notFound(body: string): Response {
  const id = parsed(body)?.id ?? null;
  return Response.json({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } });
}

function parsed(body: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : null;
  } catch {
    // The library says what is wrong with it.
    return null;
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { createMcpHandler, Server } from './serve/server-library.ts';
import { mcpFixture } from './testing/mcp-fixture.ts';

const url = 'https://tools.example/mcp';
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what operators write
const config = { servers: { far: { url, headers: { Authorization: 'Bearer ${KEY}', 'X-Plain': 'yes' } } } };

/** A remote server with one tool. */
function remoteServer(legacy: 'stateless' | 'reject' = 'stateless') {
  return createMcpHandler(
    () => {
      const server = new Server({ name: 'far', version: '1' }, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/list', () => ({
        tools: [
          {
            name: 'shout',
            description: 'Loud.',
            inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
          },
        ],
      }));
      server.setRequestHandler('tools/call', ({ params }) => ({
        content: [{ type: 'text', text: String(params.arguments?.text).toUpperCase() }],
      }));
      return server;
    },
    { legacy },
  );
}

for (const legacy of ['stateless', 'reject'] as const) {
  test(`a remote server of ${legacy === 'reject' ? 'the newest protocol alone' : 'every protocol'} is used by the host's guarded requests, with secrets that the plugin never sees`, async (t) => {
    const server = remoteServer(legacy);
    const { host, use, nextOffer, refreshed } = await mcpFixture(t, {
      config,
      secrets: { KEY: 'very secret' },
      http: (request) => server.fetch(request),
    });
    await nextOffer();
    await refreshed();
    assert.match(await use('far_shout', { text: 'hello' }), /source="MCP server far, tool shout">[\s\S]*\nHELLO\n/);
    for (const { headers, url: to } of host.requests) {
      assert.deepEqual([to, headers.get('authorization'), headers.get('x-plain')], [url, 'Bearer very secret', 'yes']);
    }
    assert.doesNotMatch(JSON.stringify(host.logs), /very secret/);
  });
}

test('a secret that the operator has not allowed for the server is told by name', async (t) => {
  const server = remoteServer();
  const { host } = await mcpFixture(t, { config, http: (request) => server.fetch(request) });
  const { servers } = (await host.tool('mcp_servers', { action: 'refresh' })) as { servers: JsonObject[] };
  assert.match(String(servers[0]?.problem), /KEY/);
});

test('a session that the server has forgotten is begun anew, and the call is made in it', async (t) => {
  const sessions = new Set<string>();
  let made = 0;
  const answer = (id: unknown, result: object, headers: Record<string, string> = {}) =>
    Response.json({ jsonrpc: '2.0', id, result }, { headers });
  const http = async (request: Request): Promise<Response> => {
    if (request.method === 'DELETE') return new Response(null, { status: 405 });
    const { id, method } = (await request.json()) as { id?: number; method: string };
    if (method === 'initialize') {
      const session = `s${++made}`;
      sessions.add(session);
      const capabilities = { tools: {} };
      const result = { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'old', version: '1' } };
      return answer(id, result, { 'mcp-session-id': session });
    }
    if (!sessions.has(request.headers.get('mcp-session-id') ?? ''))
      return Response.json(
        { jsonrpc: '2.0', id: null, error: { code: -32_001, message: 'Session not found' } },
        { status: 404 },
      );
    if (id === undefined) return new Response(null, { status: 202 });
    if (method === 'tools/list') return answer(id, { tools: [{ name: 'which', inputSchema: { type: 'object' } }] });
    return answer(id, { content: [{ type: 'text', text: request.headers.get('mcp-session-id') }] });
  };
  const { use, nextOffer } = await mcpFixture(t, { config: { servers: { far: { url } } }, http });
  await nextOffer();
  assert.match(await use('far_which'), /\ns1\n/);
  sessions.clear();
  assert.match(await use('far_which'), /\ns2\n/);
});

test('a remote server that answers nonsense, too much or not at all is told, and asked again when it is better', async (t) => {
  const server = remoteServer();
  let http: (request: Request) => Response | Promise<Response> = (request) => server.fetch(request);
  const { use, nextOffer, refreshed } = await mcpFixture(t, {
    config: { servers: { far: { url } }, maxMessageBytes: 10_000 },
    http: (request) => http(request),
  });
  await nextOffer();
  await refreshed();
  const json = { 'content-type': 'application/json' };
  for (const bad of [
    () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    () => new Response('{"jsonrpc":', { headers: json }),
    () => new Response('x'.repeat(100_000), { headers: json }),
    () => new Response('no', { status: 500 }),
    () => Response.redirect('https://elsewhere.example/', 307),
    () => {
      throw new ClayError('UNAVAILABLE', 'the line is dead');
    },
  ]) {
    http = bad;
    await assert.rejects(use('far_shout', { text: 'a' }), { code: /UNAVAILABLE|TOO_LARGE|CALL_OUTCOME_UNKNOWN/ });
    http = (request) => server.fetch(request);
    assert.match(await use('far_shout', { text: 'again' }), /AGAIN/);
  }
});

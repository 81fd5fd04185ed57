import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { Client, StreamableHTTPClientTransport } from '../server/client-library.ts';
import { type McpOptions, mcpFixture } from '../testing/mcp-fixture.ts';
import type { Served } from './serve.ts';

const tools = [
  {
    name: 'tasks',
    plugin: 'tasks',
    description: 'Keeps tasks.',
    parameters: { type: 'object', properties: { title: { type: 'string' } } },
  },
  { name: 'bash', plugin: 'files', description: 'Runs commands.', parameters: null },
];

/** The protocol's own client before the plugin, without a gateway between. */
async function clientOf(t: TestContext, mode: 'auto' | 'legacy', options: McpOptions = {}) {
  const called: Json[] = [];
  const { host } = await mcpFixture(t, {
    ...options,
    provided: {
      'service:tools.list': () => tools,
      'service:tools.call': (args) => {
        called.push(args);
        return { done: true };
      },
      ...options.provided,
    },
  });
  const serve = async (method: string, headers: Headers, body: string) => {
    const args = { method, headers: Object.fromEntries(headers), body };
    return (await host.call('service:mcp.serve', args, { caller: 'mcp', timeoutMs: 30_000 })) as Served;
  };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const fetch = async (_url: string | URL, { method = 'GET', headers, body }: RequestInit = {}) => {
    const served = await serve(method, new Headers(headers), typeof body === 'string' ? body : '');
    const hasBody = ![202, 204].includes(served.status);
    return new Response(hasBody ? served.body : null, {
      status: served.status,
      headers: served.headers as Record<string, string>,
    });
  };
  await client.connect(new StreamableHTTPClientTransport(new URL('http://127.0.0.1/mcp'), { fetch }));
  t.after(() => client.close());
  return { client, called, serve };
}

const textOf = ({ content }: Awaited<ReturnType<Client['callTool']>>) =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('');

for (const mode of ['auto', 'legacy'] as const) {
  test(`a client of the ${mode === 'auto' ? 'newest' : 'older'} protocol lists and calls the claw's tools`, async (t) => {
    const { client, called } = await clientOf(t, mode);
    const listed = await client.listTools();
    assert.deepEqual(
      listed.tools.map(({ name, inputSchema }) => ({ name, inputSchema })),
      [
        { name: 'tasks', inputSchema: tools[0]?.parameters },
        { name: 'bash', inputSchema: { type: 'object', additionalProperties: false } },
      ],
    );
    const result = await client.callTool({ name: 'tasks', arguments: { title: 'tea' } });
    assert.deepEqual([textOf(result), result.structuredContent], ['{"done":true}', { done: true }]);
    assert.deepEqual(called, [{ name: 'tasks', arguments: { title: 'tea' } }]);
    assert.equal(client.getServerVersion()?.name, 'clay');
  });
}

test('what the operator withholds is neither listed nor called', async (t) => {
  for (const expose of [{ never: ['bash'] }, { only: ['tasks'] }]) {
    const { client, called } = await clientOf(t, 'auto', { config: { expose } });
    const { tools: listed } = await client.listTools();
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['tasks'],
    );
    const result = await client.callTool({ name: 'bash', arguments: { command: 'id' } });
    assert.deepEqual([result.isError, JSON.parse(textOf(result)).code], [true, 'CAPABILITY_UNKNOWN']);
    assert.deepEqual(called, []);
  }
});

test('a tool that fails gives what it had as a result that says so', async (t) => {
  const fail = () => {
    throw new ClayError('TIMEOUT', 'It took too long.', { output: 'half of it' });
  };
  const { client } = await clientOf(t, 'auto', { provided: { 'service:tools.call': fail } });
  const result = await client.callTool({ name: 'tasks', arguments: {} });
  assert.equal(result.isError, true);
  assert.deepEqual(JSON.parse(textOf(result)), { error: 'It took too long.', code: 'TIMEOUT', output: 'half of it' });
});

test('what is no request of the protocol, or would never end, is refused at once', async (t) => {
  const { serve } = await clientOf(t, 'auto');
  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
  assert.equal((await serve('GET', headers, '')).status, 405);
  assert.equal((await serve('DELETE', headers, '')).status, 405);
  assert.equal((await serve('POST', headers, '{"jsonrpc":')).status, 400);
  assert.equal((await serve('POST', new Headers({ 'content-type': 'text/plain' }), '{}')).status, 415);
  const listen = await serve('POST', headers, '{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen"}');
  assert.partialDeepStrictEqual(JSON.parse(listen.body) as JsonObject, { id: 7, error: { code: -32_601 } });
});

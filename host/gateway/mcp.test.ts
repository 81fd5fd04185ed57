import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { Capability } from '../registry/registry.ts';
import type { CallRequest } from '../router/router.ts';
import { authorization, createFixture } from './testing/gateway-fixture.ts';

const speaker: Capability = {
  kind: 'service',
  name: 'mcp.serve',
  fullName: 'service:mcp.serve',
  plugin: 'mcp',
  generation: 1,
  description: '',
  parameters: null,
  details: {},
};
const local = { host: '127.0.0.1:8080' };
const json = { 'content-type': 'application/json' };
const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

async function fixture(call: (request: CallRequest) => Promise<Json>, routes: readonly Capability[] = [speaker]) {
  const { gateway } = await createFixture({ routes, call });
  return (method: 'GET' | 'POST' | 'DELETE' | 'PUT', headers: Record<string, string>, payload?: string) =>
    gateway.publicApp.inject({ url: '/mcp', method, headers, ...(payload === undefined ? {} : { payload }) });
}

test('a request of an MCP client is handed to whoever speaks MCP, without the token, and answered as that says', async () => {
  const calls: CallRequest[] = [];
  const ask = await fixture(async (request) => {
    calls.push(request);
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'mcp-session-id': 's', 'set-cookie': 'x=1' },
      body: '{"ok":1}',
    };
  });
  const headers = {
    ...local,
    ...json,
    authorization,
    accept: 'application/json',
    'mcp-protocol-version': '1',
    cookie: 'a=b',
  };
  const answer = await ask('POST', headers, body);
  assert.deepEqual([answer.statusCode, answer.body, answer.headers['mcp-session-id']], [200, '{"ok":1}', 's']);
  assert.equal(answer.headers['set-cookie'], undefined);
  const [{ capability, caller, args }] = calls as [CallRequest];
  assert.deepEqual([capability, caller], ['service:mcp.serve', 'mcp']);
  assert.deepEqual(args, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'mcp-protocol-version': '1' },
    body,
  });
  assert.doesNotMatch(JSON.stringify(args), /Bearer|a=b/);
});

test('nobody comes in without the token, whoever he is and wherever he comes from', async () => {
  let calls = 0;
  const ask = await fixture(async () => {
    calls += 1;
    return { status: 200, headers: {}, body: '' };
  });
  for (const [headers, status] of [
    [local, 401],
    [{ ...local, authorization: 'Bearer wrong-wrong-wrong' }, 401],
    [{ host: 'evil.example' }, 403],
    [{ ...local, origin: 'https://evil.example' }, 403],
  ] as const)
    for (const method of ['GET', 'POST', 'DELETE'] as const)
      assert.equal(
        (await ask(method, { ...headers, ...json }, method === 'POST' ? body : undefined)).statusCode,
        status,
      );
  assert.equal(calls, 0);
});

test('a client hears why it gets nothing: nobody speaks MCP, or it failed', async () => {
  const none = await fixture(async () => null, []);
  const answer = await none('POST', { ...local, ...json, authorization }, body);
  assert.equal(answer.statusCode, 503);
  assert.match((answer.json() as JsonObject).error as string, /No plugin of this claw speaks MCP/);
  const failing = await fixture(async () => {
    throw new ClayError('UNAVAILABLE', 'It is starting.');
  });
  assert.equal((await failing('POST', { ...local, ...json, authorization }, body)).statusCode, 503);
});

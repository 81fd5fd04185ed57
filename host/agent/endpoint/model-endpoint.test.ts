import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Json } from '@clay/sdk';
import { createFakeClock } from '@clay/sdk/testing';
import { systemClock } from '../../clock.ts';
import type { Limits, ModelConfig } from '../../config/config.ts';
import { Budgets, type BudgetsOptions } from '../../policy/budget/budgets.ts';
import type { UsageEntry } from '../../store/usage-ledger.ts';
import { AnthropicModel } from '../models/anthropic/anthropic-model.ts';
import { startAnthropicServer } from '../testing/anthropic-server.ts';
import { recordingLog } from '../testing/quiet.ts';
import { endpointServices } from './endpoint-services.ts';
import { type EndpointAccess, ModelEndpoint, type ModelEndpointOptions } from './model-endpoint.ts';
import { bodyBytes } from './question.ts';

const key = 'sk-the-real-key';
const limits = { maxLlmCalls: 40, turnMs: 600_000, modelIdleMs: 10_000 } as Limits;
const session = { app: 'clay', user: 'ann', id: 's1', turn: 't1' };
const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

const amounts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

interface Setup {
  readonly endpoint: ModelEndpoint;
  readonly entries: UsageEntry[];
}

function createEndpoint(t: TestContext, baseUrl: string, options: Partial<ModelEndpointOptions> = {}): Setup {
  const entries: UsageEntry[] = [];
  const model: ModelConfig = {
    provider: 'anthropic',
    apiKey: key,
    keyStyle: 'key',
    baseUrl,
    model: 'glm-5',
    maxTokens: 8192,
    thinkingTokens: 0,
  };
  const endpoint = new ModelEndpoint({
    config: { model, prices: { 'glm-5': price }, limits },
    budgets: budgetsOf({}, entries),
    clock: systemClock,
    log: recordingLog(),
    ...options,
  });
  t.after(() => endpoint.close());
  return { endpoint, entries };
}

function budgetsOf(budgets: BudgetsOptions['budgets'], entries: UsageEntry[] = []): Budgets {
  const nothing = { ...amounts, calls: 0, unpricedCalls: 0 };
  return new Budgets({
    budgets,
    prices: { 'glm-5': price },
    timeZone: 'UTC',
    usage: { record: (entry) => entries.push(entry), sum: () => nothing, sumBy: () => [] },
    clock: systemClock,
    log: recordingLog(),
    notify: () => undefined,
  });
}

async function startProvider(t: TestContext) {
  const server = await startAnthropicServer();
  t.after(() => server.close());
  return server;
}

/** A provider that behaves worse than the scripted one can. */
async function startRawProvider(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const question = { model: 'glm-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };

function post(
  { baseUrl, token }: Pick<EndpointAccess, 'baseUrl' | 'token'>,
  body: unknown = question,
  path = '/v1/messages?beta=true',
  init: RequestInit = {},
) {
  return fetch(`${baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x-1' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
}

async function refusalOf(response: Response): Promise<{ status: number; type: string; message: string }> {
  const { error } = (await response.json()) as { error: { type: string; message: string } };
  return { status: response.status, ...error };
}

test('a stream passes byte by byte, with the real key above and the ledger written below', async (t) => {
  const provider = await startProvider(t);
  const { endpoint, entries } = createEndpoint(t, provider.url);
  const usage = { input_tokens: 100, output_tokens: 1, cache_read_input_tokens: 50, cache_creation_input_tokens: 10 };
  provider.script([{ text: 'Grüße aus Göteborg', usage }]);
  const access = await endpoint.open({ plugin: 'claude', session });
  const response = await post(access, { ...question, stream: true });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /text\/event-stream/);
  const events = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  const text = events
    .map((line) => JSON.parse(line.slice(6)) as { delta?: { text?: string } })
    .map(({ delta }) => delta?.text ?? '')
    .join('');
  assert.equal(text, 'Grüße aus Göteborg');
  assert.match(events.at(-1) ?? '', /message_stop/);

  const { headers, body } = provider.requests[0]!;
  assert.equal(headers['x-api-key'], key);
  assert.equal(headers.authorization, undefined);
  assert.equal(headers['anthropic-beta'], 'x-1');
  assert.deepEqual(body, { ...question, stream: true });
  const [{ durationMs, ...entry }] = entries as [UsageEntry];
  assert.ok(durationMs >= 0);
  assert.deepEqual(entry, {
    app: 'clay',
    user: 'ann',
    session: 's1',
    turn: 't1',
    plugin: 'claude',
    agent: 'endpoint',
    startedBy: '',
    schedule: '',
    model: 'glm-5',
    inputTokens: 100,
    outputTokens: 15,
    cacheReadTokens: 50,
    cacheWriteTokens: 10,
    costUsd: (100 * 3 + 15 * 15 + 50 * 0.3 + 10 * 3.75) / 1e6,
  });
});

test('a plain answer is counted too, and a bearer provider gets a bearer token', async (t) => {
  let seen: string | undefined;
  const url = await startRawProvider(t, (request, response) => {
    seen = request.headers.authorization;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'request-id': 'req_7' });
    response.end(JSON.stringify({ type: 'message', usage: { input_tokens: 7, output_tokens: 3 } }));
  });
  const { config } = {
    config: { provider: 'anthropic', apiKey: key, keyStyle: 'bearer', baseUrl: `${url}/` } as const,
  };
  const model = { ...config, model: 'glm-5', maxTokens: 1, thinkingTokens: 0 };
  const { endpoint, entries } = createEndpoint(t, url, { config: { model, prices: {}, limits } });
  const response = await post(await endpoint.open({ plugin: 'claude', session: null }));
  assert.equal(((await response.json()) as { type: string }).type, 'message');
  assert.equal(seen, `Bearer ${key}`);
  assert.equal(response.headers.get('request-id'), 'req_7');
  assert.equal(response.headers.get('set-cookie'), null);
  const [{ inputTokens, outputTokens, costUsd, user }] = entries as [UsageEntry];
  assert.deepEqual(
    { inputTokens, outputTokens, costUsd, user },
    { inputTokens: 7, outputTokens: 3, costUsd: null, user: '' },
  );
});

test('the claw’s own model client works against the endpoint', async (t) => {
  const provider = await startProvider(t);
  const { endpoint } = createEndpoint(t, provider.url);
  provider.script([{ text: 'four', calls: [{ id: 'c1', name: 'sum', input: { a: 2, b: 2 } }] }]);
  const { baseUrl, token } = await endpoint.open({ plugin: 'p', session: null });
  const model = new AnthropicModel({
    apiKey: token,
    keyStyle: 'bearer',
    baseUrl,
    model: 'glm-5',
    maxTokens: 100,
    thinkingTokens: 0,
    idleMs: 5_000,
    clock: systemClock,
    log: recordingLog(),
  });
  const contents = [{ role: 'user' as const, parts: [{ text: 'sum' }] }];
  const tools = [{ name: 'sum', description: 'Adds.', parameters: { type: 'object', properties: {} } }];
  const request = { system: '', contents, tools, purpose: 'turn', stream: false } as const;
  const answers = await Array.fromAsync(model.generate(request));
  assert.equal(answers.at(-1)?.content?.parts?.[1]?.functionCall?.name, 'sum');
});

test('a token is good for its time, its model and its number of calls', async (t) => {
  const provider = await startProvider(t);
  const clock = createFakeClock();
  const { endpoint } = createEndpoint(t, provider.url, { clock });
  const access = await endpoint.open({ plugin: 'p', session: null, maxCalls: 2, forMs: 60_000 });
  assert.equal(access.expiresAt, clock.now() + 60_000);
  assert.deepEqual(await refusalOf(await post(access, { ...question, model: 'opus' })), {
    status: 404,
    type: 'not_found_error',
    message: 'model: opus is not served here, but glm-5.',
  });
  for (const _ of [1, 2]) await (await post(access)).text();
  assert.deepEqual(await refusalOf(await post(access)), {
    status: 402,
    type: 'billing_error',
    message: 'This run has used up its 2 model calls.',
  });
  await clock.advance(60_000);
  assert.equal((await refusalOf(await post(access))).status, 401);
  assert.equal((await refusalOf(await post({ ...access, token: 'clay-guess' }))).status, 401);
  assert.equal(provider.requests.length, 2);
  const longest = await endpoint.open({ plugin: 'p', session: null, forMs: 10 * limits.turnMs });
  assert.equal(longest.expiresAt, clock.now() + limits.turnMs);
});

test('nothing but the two questions is served, with or without a token', async (t) => {
  const provider = await startProvider(t);
  const { endpoint } = createEndpoint(t, provider.url);
  const access = await endpoint.open({ plugin: 'p', session: null });
  for (const path of ['/', '/list-apps', '/v1/models', '/v1/messages/batches', '/admin/usage']) {
    assert.equal((await post(access, question, path)).status, 404, path);
  }
  assert.equal((await fetch(`${access.baseUrl}/v1/messages`)).status, 404);
  assert.equal(new URL(access.baseUrl).hostname, '127.0.0.1');
});

test('tokens are counted by the provider, without a call being counted', async (t) => {
  const paths: (string | undefined)[] = [];
  const url = await startRawProvider(t, (request, response) => {
    paths.push(request.url);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"input_tokens":12}');
  });
  const { endpoint, entries } = createEndpoint(t, url);
  const access = await endpoint.open({ plugin: 'p', session: null, maxCalls: 1 });
  for (const _ of [1, 2]) {
    const response = await post(access, question, '/v1/messages/count_tokens?beta=true');
    assert.deepEqual(await response.json(), { input_tokens: 12 });
  }
  assert.deepEqual(paths, Array(2).fill('/v1/messages/count_tokens?beta=true'));
  assert.deepEqual(entries, []);
});

test('a failure of the provider comes through with its status and its wait, and without the key', async (t) => {
  const provider = await startProvider(t);
  const { endpoint, entries } = createEndpoint(t, provider.url);
  provider.script([
    { status: 529, type: 'overloaded_error', message: 'busy', headers: { 'retry-after': '3' } },
    { status: 401, type: 'authentication_error', message: `${key} is no key` },
  ]);
  const access = await endpoint.open({ plugin: 'p', session: null });
  const busy = await post(access);
  assert.equal(busy.headers.get('retry-after'), '3');
  assert.deepEqual(await refusalOf(busy), { status: 529, type: 'overloaded_error', message: 'busy' });
  assert.equal((await refusalOf(await post(access))).message, '[hidden] is no key');
  assert.deepEqual(entries, []);
});

test('a provider that is not there, and one that redirects, is told as an api_error', async (t) => {
  const { endpoint } = createEndpoint(t, 'http://127.0.0.1:1');
  const dead = await refusalOf(await post(await endpoint.open({ plugin: 'p', session: null })));
  assert.deepEqual([dead.status, dead.type], [502, 'api_error']);
  assert.match(dead.message, /cannot be reached: .*ECONNREFUSED|bad port/);
  let asked = 0;
  const url = await startRawProvider(t, (_request, response) => {
    asked++;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  const { endpoint: second } = createEndpoint(t, url);
  assert.equal((await post(await second.open({ plugin: 'p', session: null }))).status, 502);
  assert.equal(asked, 1);
});

test('a client that goes away ends the question to the provider, and what it cost so far is written', async (t) => {
  const provider = await startProvider(t);
  const { endpoint, entries } = createEndpoint(t, provider.url);
  provider.script([{ text: 'never whole', hangAfter: 4 }]);
  const client = new AbortController();
  const init = { signal: client.signal };
  const access = await endpoint.open({ plugin: 'p', session: null });
  const response = await post(access, { ...question, stream: true }, '/v1/messages', {
    ...init,
    headers: { 'x-api-key': access.token },
  });
  await response.body?.getReader().read();
  const closed = provider.nextEarlyClose();
  client.abort();
  await closed;
  await endpoint.close();
  assert.equal(entries[0]?.inputTokens, 25);
});

test('a token that is taken back ends what is open under it', async (t) => {
  const provider = await startProvider(t);
  const { endpoint } = createEndpoint(t, provider.url);
  provider.script([{ text: 'never whole', hangAfter: 2 }]);
  const access = await endpoint.open({ plugin: 'p', session: null });
  const response = await post(access, { ...question, stream: true });
  const closed = provider.nextEarlyClose();
  assert.equal(endpoint.end(access.token, 'another'), false);
  assert.equal(endpoint.end(access.token, 'p'), true);
  assert.equal(endpoint.end(access.token, 'p'), false);
  await closed;
  await assert.rejects(response.text());
  assert.equal((await post(access)).status, 401);
});

test('a provider that falls silent is given up, before its answer and within', async (t) => {
  const provider = await startProvider(t);
  const config = { prices: {}, limits: { ...limits, modelIdleMs: 80 } };
  const model = { provider: 'anthropic', apiKey: key, keyStyle: 'key', baseUrl: provider.url } as const;
  const { endpoint } = createEndpoint(t, provider.url, {
    config: { ...config, model: { ...model, model: 'glm-5', maxTokens: 1, thinkingTokens: 0 } },
  });
  const access = await endpoint.open({ plugin: 'p', session: null });
  provider.script([{ text: 'x', hangAfter: 3 }]);
  const cut = await (await post(access, { ...question, stream: true })).text();
  assert.match(cut, /event: error\ndata: .*"timeout_error".*nothing for 80 ms/);
  const url = await startRawProvider(t, (request) => request.resume());
  const { endpoint: silent } = createEndpoint(t, url, {
    config: { ...config, model: { ...model, baseUrl: url, model: 'glm-5', maxTokens: 1, thinkingTokens: 0 } },
  });
  const refusal = await refusalOf(await post(await silent.open({ plugin: 'p', session: null })));
  assert.deepEqual([refusal.status, refusal.type], [504, 'timeout_error']);
});

test('a body that is no question is refused before it reaches the provider', async (t) => {
  const provider = await startProvider(t);
  const { endpoint } = createEndpoint(t, provider.url);
  const access = await endpoint.open({ plugin: 'p', session: null });
  assert.equal((await refusalOf(await post(access, '{'))).type, 'invalid_request_error');
  assert.equal((await refusalOf(await post(access, 'null'))).message, 'model: Field required');
  const large = await post(access, `{"model":"glm-5","x":"${'x'.repeat(bodyBytes)}"}`).then(
    (response) => response.status,
    // The connection may close before the client has sent it all.
    (error: Error) => error.name,
  );
  assert.ok(large === 413 || large === 'TypeError', String(large));
  assert.equal(provider.requests.length, 0);
});

test('a budget that is used up is told in its own words, and nobody is asked', async (t) => {
  const provider = await startProvider(t);
  const budgets = budgetsOf({ 'plugin:claude': { tokensPerDay: 20 } });
  const { endpoint } = createEndpoint(t, provider.url, { budgets });
  const access = await endpoint.open({ plugin: 'claude', session });
  await (await post(access)).text();
  const { message, ...refusal } = await refusalOf(await post(access));
  assert.deepEqual(refusal, { status: 402, type: 'billing_error' });
  assert.match(message, /the budget of the plugin "claude" for this day \(20 tokens\) is used up/);
  assert.equal(provider.requests.length, 1);
  const other = await endpoint.open({ plugin: 'other', session });
  assert.equal((await post(other)).status, 200);
});

test('a claw whose provider speaks another language says so', async (t) => {
  const { endpoint } = createEndpoint(t, '', { config: { model: { provider: 'offline' }, prices: {}, limits } });
  await assert.rejects(endpoint.open({ plugin: 'p', session: null }), {
    code: 'UNAVAILABLE',
    message: /comes from "offline", which does not speak the Anthropic Messages API/,
  });
});

test('a plugin gets an endpoint in its own name and conversation, and gives it back', async (t) => {
  const provider = await startProvider(t);
  const { endpoint, entries } = createEndpoint(t, provider.url);
  const [open, end] = endpointServices(endpoint) as [
    ReturnType<typeof endpointServices>[number],
    ReturnType<typeof endpointServices>[number],
  ];
  const call = { caller: 'plugin:claude', session } as Parameters<typeof open.run>[1];
  const access = (await open.run({ maxCalls: 3 } as Json, call)) as unknown as EndpointAccess;
  await (await post(access)).text();
  assert.deepEqual([entries[0]?.plugin, entries[0]?.user], ['claude', 'ann']);
  assert.equal(await end.run({ token: access.token }, { ...call, caller: 'plugin:thief' }), false);
  assert.equal(await end.run({ token: access.token }, call), true);
  assert.equal((await post(access)).status, 401);
});

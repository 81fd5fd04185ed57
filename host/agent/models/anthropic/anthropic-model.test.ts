import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, call, createModel, failure, result, sent, server, user } from '../../testing/anthropic-model-fixture.ts';
import { type Script, startAnthropicServer } from '../../testing/anthropic-server.ts';
import type { ModelRequest, ModelResponse } from '../model.ts';
import type { ModelError } from '../model-error.ts';

test('a text arrives piece by piece, then once as a whole with usage', async () => {
  const { partials, whole } = await ask([
    { text: 'Hello, I am here for you.', usage: { cache_read_input_tokens: 100 } },
  ]);
  assert.equal(partials.map((part) => part.text).join(''), 'Hello, I am here for you.');
  assert.ok(partials.length > 1);
  assert.deepEqual(whole?.content, { role: 'model', parts: [{ text: 'Hello, I am here for you.' }] });
  assert.equal(whole?.finishReason, 'STOP');
  assert.deepEqual(whole?.usage, {
    promptTokenCount: 125,
    candidatesTokenCount: 15,
    totalTokenCount: 140,
    cachedContentTokenCount: 100,
  });
});

test('nothing partial is given to a caller that does not stream', async () => {
  const { partials, whole } = await ask([{ text: 'Hello' }], { stream: false });
  assert.deepEqual(partials, []);
  assert.equal(whole?.content?.parts?.[0]?.text, 'Hello');
});

test('two parallel calls keep their ids, and calls never appear in partial responses', async () => {
  const { partials, whole } = await ask([
    {
      text: 'Looking.',
      calls: [
        { id: 'toolu_a', name: 'weather', input: { city: 'Oslo' } },
        { id: 'toolu_b', name: 'weather', input: { city: 'Rome' } },
      ],
    },
  ]);
  assert.deepEqual(whole?.content?.parts, [
    { text: 'Looking.' },
    call('toolu_a'),
    call('toolu_b', 'weather', { city: 'Rome' }),
  ]);
  assert.ok(partials.every((part) => !part.functionCall));
});

test('a call without arguments has an empty object, and is sent back with its input', async () => {
  const { whole } = await ask([{ calls: [{ id: 'toolu_a', name: 'now' }] }]);
  assert.deepEqual(whole?.content?.parts, [{ functionCall: { id: 'toolu_a', name: 'now', args: {} } }]);
  const messages = await sent([
    user('time?'),
    { role: 'model', parts: [{ functionCall: { id: 'a', name: 'now' } }] },
    { role: 'user', parts: [result('a')] },
  ]);
  assert.deepEqual(messages[1]?.content, [{ type: 'tool_use', id: 'a', name: 'now', input: {} }]);
});

test('key and bearer styles send their header and not the other', async () => {
  await ask([{ text: 'ok' }]);
  assert.equal(server.requests.at(-1)?.headers['x-api-key'], 'key-1');
  assert.equal(server.requests.at(-1)?.headers.authorization, undefined);
  await ask([{ text: 'ok' }], {}, createModel({ keyStyle: 'bearer' }).model);
  assert.equal(server.requests.at(-1)?.headers.authorization, 'Bearer key-1');
  assert.equal(server.requests.at(-1)?.headers['x-api-key'], undefined);
});

test('429 and 529 are tried again, honouring retry-after', async () => {
  const { model, clock } = createModel();
  const script: Script = [
    { status: 429, type: 'rate_limit_error', headers: { 'retry-after': '7' } },
    { status: 529, type: 'overloaded_error' },
    { text: 'at last' },
  ];
  assert.equal((await ask(script, {}, model)).whole?.content?.parts?.[0]?.text, 'at last');
  assert.deepEqual(clock.sleeps, [7_000, 1_000]);
});

test('a provider that asks for an hour is not waited for', async () => {
  const error = await failure([{ status: 429, type: 'rate_limit_error', headers: { 'retry-after': '3600' } }]);
  assert.equal(error.code, 'MODEL_RATE_LIMIT');
});

test('each failure has its code, plain words for the person and details for the operator', async () => {
  const cases: readonly [number, string, string, string][] = [
    [401, 'authentication_error', 'invalid x-api-key', 'MODEL_AUTH'],
    [403, 'permission_error', 'not allowed', 'MODEL_FORBIDDEN'],
    [404, 'not_found_error', 'model: glm-99', 'MODEL_NOT_FOUND'],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'MODEL_CONTEXT_TOO_LONG'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'MODEL_CONTEXT_TOO_LONG'],
    [402, 'billing_error', 'credit balance is too low', 'MODEL_BILLING'],
    [400, 'invalid_request_error', 'strange', 'MODEL_BAD_REQUEST'],
  ];
  for (const [status, type, message, code] of cases) {
    const error = await failure([{ status, type, message }]);
    assert.equal(error.code, code);
    assert.doesNotMatch(error.message, /\d{3}|_error/);
    assert.match(error.details, new RegExp(`${status} ${type} ${message.slice(0, 10)}`));
  }
});

test('a key that the provider repeats is not told', async () => {
  const error = await failure([{ status: 401, type: 'authentication_error', message: 'Incorrect API key: key-1.' }]);
  assert.match(error.details, /Incorrect API key: \[hidden\]\./);
});

test('an overload that lasts is told after the last try', async () => {
  const { model, clock } = createModel();
  const error = await ask(() => ({ status: 529, type: 'overloaded_error' }), {}, model).catch(
    (thrown: unknown) => thrown,
  );
  assert.equal((error as ModelError).code, 'MODEL_OVERLOADED');
  assert.equal(clock.sleeps.length, 3);
});

test('a refused connection is tried again, then told with the address', async () => {
  const error = await failure([], { baseUrl: 'http://127.0.0.1:1' });
  assert.equal(error.code, 'MODEL_UNREACHABLE');
  assert.match(error.details, /ECONNREFUSED|bad port/);
});

test('a stream that is cut is asked for again, and its beginning is not shown twice', async () => {
  const text = 'The quick brown fox jumps over the lazy dog.';
  const { partials, whole } = await ask([{ text, cutAfter: 5 }, { text }]);
  assert.equal(partials.map((part) => part.text).join(''), text);
  assert.equal(whole?.content?.parts?.[0]?.text, text);
});

test('a stream that is cut in half a call is asked for again, and the call is there once', async () => {
  const calls = [{ id: 'a', name: 'weather', input: { city: 'a very long name of a city' } }];
  const { whole } = await ask([{ calls, cutAfter: 4 }, { calls }]);
  assert.equal(whole?.content?.parts?.length, 1);
});

test('an answer that differs after a cut is told whole at the end', async () => {
  const { partials, whole } = await ask([{ text: 'The quick brown fox jumps', cutAfter: 5 }, { text: 'A slow fox.' }]);
  assert.ok('The quick brown fox jumps'.startsWith(partials.map((part) => part.text).join('')));
  assert.equal(whole?.content?.parts?.[0]?.text, 'A slow fox.');
});

test('an error event inside the stream is an overload like any other', async () => {
  const { whole } = await ask([
    { text: 'Hal', errorEvent: { type: 'overloaded_error', message: 'Overloaded' } },
    { text: 'Hallo' },
  ]);
  assert.equal(whole?.content?.parts?.[0]?.text, 'Hallo');
});

test('a stream that falls silent is a timeout', async (t) => {
  // A server of its own: on a busy machine its request may arrive when the next test has begun.
  const silent = await startAnthropicServer(() => ({ text: 'Hello', hangAfter: 2 }));
  t.after(() => silent.close());
  const retry = { tries: 1, firstWaitMs: 1, longestWaitMs: 1 };
  const error = await failure([], { baseUrl: silent.url, idleMs: 50, retry });
  assert.equal(error.code, 'MODEL_TIMEOUT');
});

test('a page in place of an answer is told with its beginning', async () => {
  const error = await failure([{ raw: '<html>Welcome to nginx</html>', contentType: 'text/html' }]);
  assert.equal(error.code, 'MODEL_BAD_ANSWER');
  assert.match(error.details, /text\/html: <html>Welcome/);
});

test('an event stream of garbage is a bad answer', async () => {
  const error = await failure(() => ({ raw: 'event: message\ndata: {not json\n\n', contentType: 'text/event-stream' }));
  assert.match(error.code, /MODEL_(BAD_ANSWER|CUT)/);
});

test('an abort ends the call quietly and closes the upstream connection', async () => {
  const controller = new AbortController();
  const before = server.earlyCloses;
  const closed = server.nextEarlyClose();
  server.script([{ text: 'a long text that goes on', hangAfter: 4 }]);
  const { model } = createModel();
  const responses: ModelResponse[] = [];
  const request: ModelRequest = {
    system: '',
    contents: [user('hi')],
    tools: [],
    purpose: 'turn',
    stream: true,
    signal: controller.signal,
  };
  for await (const response of model.generate(request)) {
    responses.push(response);
    controller.abort();
  }
  await closed;
  assert.equal(server.earlyCloses, before + 1);
  assert.ok(responses.every((response) => response.partial));
});

test('an answer of 100 KB arrives whole', async () => {
  const text = 'äöü€𝄞 '.repeat(15_000);
  const { whole, partials } = await ask([{ text, pieceLength: 1000 }]);
  assert.equal(whole?.content?.parts?.[0]?.text, text);
  assert.equal(partials.map((part) => part.text).join(''), text);
});

test('an empty answer has no parts', async () => {
  assert.deepEqual((await ask([{}])).whole?.content?.parts, []);
});

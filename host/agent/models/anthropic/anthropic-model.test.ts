import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { Content, Part } from '../../event-json.ts';
import { type AnthropicServer, type Script, startAnthropicServer } from '../../testing/anthropic-server.ts';
import { impatientClock, recordingLog } from '../../testing/quiet.ts';
import type { ModelRequest, ModelResponse } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { AnthropicModel, type AnthropicModelOptions } from './anthropic-model.ts';

const server = await startAnthropicServer();
after(() => server.close());
afterEach(() => assert.deepEqual(takeViolations(server), []));

function takeViolations({ violations }: AnthropicServer): string[] {
  return (violations as string[]).splice(0);
}

function createModel(options: Partial<AnthropicModelOptions> = {}) {
  const clock = impatientClock();
  const log = recordingLog();
  const model = new AnthropicModel({
    apiKey: 'key-1',
    keyStyle: 'key',
    baseUrl: server.url,
    model: 'glm-5',
    maxTokens: 8192,
    thinkingTokens: 0,
    idleMs: 5_000,
    clock,
    log,
    random: () => 0.5,
    ...options,
  });
  return { model, clock, log };
}

const weather = {
  name: 'weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const user = (text: string): Content => ({ role: 'user', parts: [{ text }] });
const modelText = (text: string): Content => ({ role: 'model', parts: [{ text }] });
const call = (id: string, name = 'weather', args: Record<string, unknown> = { city: 'Oslo' }): Part => ({
  functionCall: { id, name, args },
});
const result = (id: string, response: Record<string, unknown> = { sky: 'clear' }): Part => ({
  functionResponse: { id, name: 'weather', response },
});

interface Asked {
  readonly partials: readonly Part[];
  readonly whole: ModelResponse | undefined;
  readonly sent: (typeof server.requests)[number]['body'];
}

async function ask(script: Script, request: Partial<ModelRequest> = {}, model = createModel().model): Promise<Asked> {
  server.script(script);
  const partials: Part[] = [];
  let whole: ModelResponse | undefined;
  const full: ModelRequest = {
    system: 'You are Clay.',
    contents: [user('Hello')],
    tools: [weather],
    purpose: 'turn',
    stream: true,
    ...request,
  };
  for await (const response of model.generate(full)) {
    if (response.partial) partials.push(...(response.content?.parts ?? []));
    else whole = response;
  }
  return { partials, whole, sent: server.requests.at(-1)!.body };
}

interface SentBlock {
  readonly type: string;
  readonly text?: string;
  readonly tool_use_id?: string;
  readonly content?: string;
  readonly is_error?: boolean;
}

function blocks(message: { readonly content: unknown } | undefined): readonly SentBlock[] {
  return (message?.content ?? []) as readonly SentBlock[];
}

const sent = async (contents: Content[], options: Partial<AnthropicModelOptions> = {}) =>
  (await ask([{ text: 'ok' }], { contents }, createModel({ promptCache: 'off', ...options }).model)).sent.messages;

async function failure(script: Script, options: Partial<AnthropicModelOptions> = {}): Promise<ModelError> {
  const { model } = createModel(options);
  const error = await ask(script, {}, model).then(
    () => assert.fail('expected a failure'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ModelError, String(error));
  return error;
}

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

test('arguments that are no JSON object are kept aside and do not spoil the answer', async () => {
  const { whole } = await ask([
    {
      calls: [
        { id: 'a', name: 'weather', rawJson: '{"city": "Os' },
        { id: 'b', name: 'weather', rawJson: '[1]' },
      ],
      stopReason: 'max_tokens',
    },
  ]);
  assert.deepEqual(whole?.malformedCalls, { a: '{"city": "Os', b: '[1]' });
  assert.deepEqual(whole?.content?.parts, [call('a', 'weather', {}), call('b', 'weather', {})]);
  assert.equal(whole?.finishReason, 'MAX_TOKENS');
});

test('roles are merged and alternate, and the first and last message are the user’s', async () => {
  const messages = await sent([modelText('I began.'), user('a'), user('b'), modelText('c'), modelText('d')]);
  assert.deepEqual(
    messages.map(({ role, content }) => [role, blocks({ content }).map(({ text }) => text)]),
    [
      ['user', ['Continue.']],
      ['assistant', ['I began.']],
      ['user', ['a', 'b']],
      ['assistant', ['c', 'd']],
      ['user', ['Continue.']],
    ],
  );
});

test('tool results come first in their message, whatever stood before them', async () => {
  const messages = await sent([
    user('hi'),
    { role: 'model', parts: [call('a')] },
    user('and hurry'),
    { role: 'user', parts: [result('a')] },
  ]);
  assert.deepEqual(
    blocks(messages[2]).map(({ type }) => type),
    ['tool_result', 'text'],
  );
});

test('a call that was never answered gets an error as its result', async () => {
  const messages = await sent([
    user('hi'),
    { role: 'model', parts: [call('a'), call('b')] },
    { role: 'user', parts: [result('a')] },
    user('still there?'),
  ]);
  const [, missing] = blocks(messages[2]);
  assert.deepEqual([missing?.tool_use_id, missing?.is_error], ['b', true]);
});

test('a result whose call is gone becomes text', async () => {
  const messages = await sent([user('hi'), { role: 'user', parts: [result('gone')] }, modelText('yes')]);
  assert.match(JSON.stringify(messages[0]), /result of an earlier tool call: .*clear/);
});

test('missing, repeated and unfit call ids become fit and unique, and keep their results', async () => {
  const messages = await sent([
    user('hi'),
    { role: 'model', parts: [call('call:1/x'), { functionCall: { name: 'weather', args: {} } }] },
    {
      role: 'user',
      parts: [result('call:1/x', { n: 1 }), { functionResponse: { name: 'weather', response: { n: 2 } } }],
    },
    { role: 'model', parts: [call('call:1/x')] },
    { role: 'user', parts: [result('call:1/x', { n: 3 })] },
  ]);
  const results = messages.flatMap((message) => blocks(message)).filter(({ type }) => type === 'tool_result');
  assert.deepEqual(
    results.map(({ tool_use_id, content }) => [tool_use_id, content]),
    [
      ['call_1_x', '{"n":1}'],
      ['call_2', '{"n":2}'],
      ['call_1_x_2', '{"n":3}'],
    ],
  );
});

test('blank texts are left out, and a message of nothing else vanishes', async () => {
  const messages = await sent([
    user('hi'),
    { role: 'model', parts: [{ text: ' \n' }] },
    user('there'),
    { role: 'user', parts: [{ text: '' }] },
  ]);
  assert.deepEqual(messages, [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'text', text: 'there' },
      ],
    },
  ]);
});

test('a failed result is marked as an error, a plain text result is sent as text', async () => {
  const messages = await sent([
    user('hi'),
    { role: 'model', parts: [call('a'), call('b')] },
    { role: 'user', parts: [result('a', { error: 'no', code: 'REFUSED' }), result('b', { result: 'sunny' })] },
  ]);
  assert.deepEqual(messages[2]?.content, [
    { type: 'tool_result', tool_use_id: 'a', content: '{"error":"no","code":"REFUSED"}', is_error: true },
    { type: 'tool_result', tool_use_id: 'b', content: 'sunny' },
  ]);
});

test('thinking comes with its signature and goes back to the same provider only', async () => {
  const thinking = { text: 'Let me think.', signature: 'c2ln' };
  const { whole, partials } = await ask([{ thinking, redacted: 'ZGF0YQ==', calls: [{ id: 'a', name: 'weather' }] }]);
  assert.deepEqual(partials[0], { text: 'Let me think', thought: true });
  const parts = whole!.content!.parts!;
  const contents: Content[] = [user('hi'), { role: 'model', parts }, { role: 'user', parts: [result('a')] }];
  const messages = await sent(contents, { thinkingTokens: 2048 });
  assert.deepEqual(blocks(messages[1]).slice(0, 2), [
    { type: 'thinking', thinking: 'Let me think.', signature: 'c2ln' },
    { type: 'redacted_thinking', data: 'ZGF0YQ==' },
  ]);
  const foreign = structuredClone(contents);
  foreign[1]!.parts![0]!.thoughtSignature = 'gemini-signature';
  foreign[1]!.parts![1]!.thoughtSignature = 'anthropic/other.example#redacted:x';
  assert.deepEqual(
    blocks((await sent(foreign))[1]).map(({ type }) => type),
    ['tool_use'],
  );
});

test('the first part of an answer never has an empty text', async () => {
  const { whole } = await ask([
    { thinking: { text: '', signature: 'c2ln' }, text: '', calls: [{ id: 'a', name: 'weather' }] },
  ]);
  assert.ok(whole!.content!.parts!.every((part) => part.text !== ''));
  assert.equal(whole!.content!.parts!.length, 2);
});

test('thinking without a signature is shown but never sent back, and thoughts in a user content stay out', async () => {
  const messages = await sent([
    { role: 'user', parts: [{ text: 'hi' }, { text: 'secret', thought: true }] },
    { role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'yes' }] },
    user('and?'),
  ]);
  assert.doesNotMatch(JSON.stringify(messages), /secret|hm/);
});

test('a tool loop that began without thinking goes on without, and the next turn thinks again', async () => {
  const { model } = createModel({ thinkingTokens: 4096 });
  const contents = [user('hi'), { role: 'model', parts: [call('a')] }, { role: 'user', parts: [result('a')] }];
  assert.equal((await ask([{ text: 'ok' }], { contents }, model)).sent.thinking, undefined);
  const later = [...contents, modelText('clear'), user('and now?')];
  assert.deepEqual((await ask([{ text: 'ok' }], { contents: later }, model)).sent.thinking, {
    type: 'enabled',
    budget_tokens: 4096,
  });
});

test('a schema reaches the model without loss', async () => {
  const parameters = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      n: { type: ['integer', 'null'], exclusiveMinimum: 0 },
      tag: { const: 'x' },
      list: { type: 'array', items: { $ref: '#/$defs/e' } },
    },
    additionalProperties: false,
    $defs: { e: { enum: [1, 'two'] } },
  };
  const { sent } = await ask([{ text: 'ok' }], { tools: [{ name: 't', description: 'd', parameters }] });
  const { $schema, ...rest } = parameters;
  assert.ok($schema);
  assert.deepEqual(sent.tools?.[0]?.input_schema, rest);
});

test('a choice at the top of a schema is told in words, because the API refuses it there', async () => {
  const parameters = {
    type: 'object',
    properties: { a: { type: 'string' } },
    anyOf: [{ properties: { b: { type: 'number' } }, required: ['b'] }, { required: ['a'] }],
  };
  const { sent } = await ask([{ text: 'ok' }], { tools: [{ name: 't', description: 'd', parameters }] });
  const schema = sent.tools![0]!.input_schema;
  assert.deepEqual(schema.properties, { a: { type: 'string' }, b: { type: 'number' } });
  assert.match(String(schema.description), /"anyOf":\[.*"required":\["b"\]/);
});

test('a tool without parameters gets an empty object schema', async () => {
  const { sent } = await ask([{ text: 'ok' }], { tools: [{ name: 't', description: 'd', parameters: {} }] });
  assert.deepEqual(sent.tools?.[0]?.input_schema, { type: 'object', properties: {} });
});

test('system, tools, the conversation so far and its end are marked for the prompt cache', async () => {
  const { sent } = await ask([{ text: 'ok' }], {
    contents: [
      user('a'),
      modelText('b'),
      user('c'),
      { role: 'model', parts: [call('x')] },
      { role: 'user', parts: [result('x')] },
    ],
  });
  const isMarked = (value: unknown) => JSON.stringify(value).includes('cache_control');
  assert.ok(isMarked(sent.system));
  assert.ok(isMarked(sent.tools));
  assert.deepEqual(sent.messages.map(isMarked), [false, true, false, false, true]);
});

test('a backend that refuses cache marks is asked again without them, and never sees them again', async () => {
  const { model, log } = createModel();
  const first = await ask(
    [{ status: 400, type: 'invalid_request_error', message: 'unknown field cache_control' }, { text: 'ok' }],
    {},
    model,
  );
  assert.equal(first.whole?.content?.parts?.[0]?.text, 'ok');
  const second = await ask([{ text: 'ok' }], {}, model);
  assert.doesNotMatch(JSON.stringify(second.sent), /cache_control/);
  assert.equal(log.events[0]?.event, 'model.adapted');
});

test('a backend that refuses a stored signature is asked again without thinking blocks', async () => {
  const thoughts: Part = {
    text: 'x',
    thought: true,
    thoughtSignature: `anthropic/${new URL(server.url).host}#signed:bad`,
  };
  const { whole, sent } = await ask(
    [
      {
        status: 400,
        type: 'invalid_request_error',
        message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
      },
      { text: 'ok' },
    ],
    { contents: [user('hi'), { role: 'model', parts: [thoughts, { text: 'yes' }] }, user('go on')] },
  );
  assert.equal(whole?.content?.parts?.[0]?.text, 'ok');
  assert.doesNotMatch(JSON.stringify(sent.messages), /"thinking"/);
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

test('images, documents and texts are shown, other attachments are named', async () => {
  const inline = (mimeType: string, data: string): Part => ({ inlineData: { mimeType, data, displayName: 'f' } });
  const messages = await sent([
    {
      role: 'user',
      parts: [
        inline('image/png', 'AA=='),
        inline('application/pdf', 'AA=='),
        inline('text/plain', Buffer.from('héllo').toString('base64')),
        inline('audio/mp3', 'AA=='),
      ],
    },
  ]);
  const shown = blocks(messages[0]);
  assert.deepEqual(
    shown.map(({ type }) => type),
    ['image', 'document', 'text', 'text'],
  );
  assert.deepEqual(shown.map(({ text }) => text).slice(2), [
    'héllo',
    '[attachment that cannot be shown: f, audio/mp3]',
  ]);
});

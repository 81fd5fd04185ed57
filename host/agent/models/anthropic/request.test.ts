import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content, Part } from '../../event-json.ts';
import {
  ask,
  blocks,
  call,
  createModel,
  modelText,
  result,
  sent,
  server,
  user,
} from '../../testing/anthropic-model-fixture.ts';

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

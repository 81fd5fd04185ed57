import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LlmRequest, LlmResponse } from '../../adk.ts';
import type { Content } from '../../event-json.ts';
import { impatientClock, recordingLog } from '../../testing/quiet.ts';
import type { ModelRequest, ModelResponse } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { GeminiModel } from './gemini-model.ts';

type Answer = readonly LlmResponse[] | Error | 'silence';

function createModel(...answers: Answer[]) {
  const requests: LlmRequest[] = [];
  const clock = impatientClock();
  const model = new GeminiModel({
    apiKey: 'k',
    model: 'gemini-2.5-flash',
    idleMs: 30,
    clock,
    log: recordingLog(),
    random: () => 0.5,
    engine: {
      async *generateContentAsync(request) {
        requests.push(request);
        const answer = answers.shift() ?? [];
        if (answer instanceof Error) throw answer;
        if (answer === 'silence') return yield await new Promise<never>(() => undefined);
        yield* answer;
      },
    },
  });
  return { model, requests, clock };
}

async function ask(model: GeminiModel, contents: Content[], request: Partial<ModelRequest> = {}) {
  const responses: ModelResponse[] = [];
  for await (const response of model.generate({
    system: 'S',
    contents,
    tools: [],
    purpose: 'turn',
    stream: true,
    ...request,
  }))
    responses.push(response);
  return responses;
}

const failed = (status: number, message: string) => Object.assign(new Error(message), { status });
const hello: Content = { role: 'user', parts: [{ text: 'hi' }] };
const whole = (text: string): LlmResponse => ({ content: { role: 'model', parts: [{ text }] } });

test('another provider’s signatures and ids of the engine never reach Gemini, and nothing stored is changed', async () => {
  const { model, requests } = createModel([whole('ok')]);
  const contents: Content[] = [
    hello,
    {
      role: 'model',
      parts: [
        { text: 'thought', thought: true, thoughtSignature: 'anthropic/h#signed:x' },
        { functionCall: { id: 'adk-1', name: 'f', args: {} }, thoughtSignature: 'native' },
      ],
    },
    { role: 'user', parts: [{ functionResponse: { id: 'adk-1', name: 'f', response: { a: 1 } } }] },
  ];
  const before = structuredClone(contents);
  await ask(model, contents);
  assert.deepEqual(requests[0]?.contents[1]?.parts, [
    { functionCall: { name: 'f', args: {} }, thoughtSignature: 'native' },
  ]);
  assert.deepEqual(requests[0]?.contents[2]?.parts, [{ functionResponse: { name: 'f', response: { a: 1 } } }]);
  assert.deepEqual(contents, before);
});

test('tools go out as JSON Schema', async () => {
  const { model, requests } = createModel([whole('ok')]);
  const parameters = { type: 'object', properties: { a: { const: 1 } }, additionalProperties: false };
  await ask(model, [hello], { tools: [{ name: 'f', description: 'd', parameters }] });
  assert.deepEqual(requests[0]?.config?.tools, [
    { functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: parameters }] },
  ]);
  assert.equal(requests[0]?.config?.systemInstruction, 'S');
});

test('partial texts come first, then the whole, and an empty first text is left out', async () => {
  const { model } = createModel([
    { ...whole('Hel'), partial: true },
    {
      content: { role: 'model', parts: [{ text: '' }, { functionCall: { name: 'f', args: {} } }] },
      usageMetadata: { promptTokenCount: 3 },
    },
  ]);
  const responses = await ask(model, [hello]);
  assert.deepEqual(
    responses.map(({ partial }) => partial ?? false),
    [true, false],
  );
  assert.deepEqual(responses[1]?.content?.parts, [{ functionCall: { name: 'f', args: {} } }]);
  assert.equal(responses[1]?.usage?.promptTokenCount, 3);
});

test('an overload is tried again, and what was shown is not shown twice', async () => {
  const { model, clock } = createModel(failed(503, 'overloaded'), [{ ...whole('Hel'), partial: true }, whole('Hello')]);
  const responses = await ask(model, [hello]);
  assert.equal(clock.sleeps.length, 1);
  assert.equal(responses.at(-1)?.content?.parts?.[0]?.text, 'Hello');
  const cut = createModel([{ ...whole('Hel'), partial: true }], [{ ...whole('Hel'), partial: true }, whole('Hello')]);
  assert.equal((await ask(cut.model, [hello])).filter(({ partial }) => partial).length, 1);
});

test('texts and calls that come apart are one answer, and calls are never partial', async () => {
  const call: LlmResponse = { content: { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] } };
  const { model } = createModel([{ ...call, partial: true }, { ...whole('x'), partial: true }, whole('x'), call]);
  const responses = await ask(model, [hello]);
  assert.deepEqual(
    responses.map(({ partial, content }) => [partial ?? false, content?.parts]),
    [
      [true, [{ text: 'x' }]],
      [false, [{ text: 'x' }, { functionCall: { name: 'f', args: {} } }]],
    ],
  );
});

test('silence is a timeout that is tried again, and an abort ends it', async () => {
  const { model, clock } = createModel('silence', [whole('there')]);
  assert.equal((await ask(model, [hello])).at(-1)?.content?.parts?.[0]?.text, 'there');
  assert.equal(clock.sleeps.length, 1);
  const silent = createModel('silence');
  const signal = AbortSignal.timeout(5);
  assert.deepEqual(await ask(silent.model, [hello], { signal }), []);
});

test('failures have the codes that all providers share', async () => {
  for (const [status, message, code] of [
    [400, 'API key not valid. Please pass a valid API key.', 'MODEL_AUTH'],
    [403, 'no', 'MODEL_FORBIDDEN'],
    [404, 'models/x is not found', 'MODEL_NOT_FOUND'],
    [400, 'The input token count exceeds the maximum number of tokens allowed', 'MODEL_CONTEXT_TOO_LONG'],
    [400, 'odd', 'MODEL_BAD_REQUEST'],
  ] as const) {
    const { model } = createModel(failed(status, message));
    await assert.rejects(ask(model, [hello]), (error) => error instanceof ModelError && error.code === code);
  }
  const { model } = createModel(...Array.from({ length: 4 }, () => new Error('fetch failed')));
  await assert.rejects(ask(model, [hello]), { code: 'MODEL_UNREACHABLE' });
});

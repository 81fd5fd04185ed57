import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import type { Content, Part } from '../event-json.ts';
import { AnthropicModel, type AnthropicModelOptions } from '../models/anthropic/anthropic-model.ts';
import type { ModelRequest, ModelResponse } from '../models/model.ts';
import { ModelError } from '../models/model-error.ts';
import { type AnthropicServer, type Script, startAnthropicServer } from './anthropic-server.ts';
import { impatientClock, recordingLog } from './quiet.ts';

/** One provider for all tests of a file: it goes with them, and each test must leave it without a violation. */
export const server = await startAnthropicServer();
after(() => server.close());
afterEach(() => assert.deepEqual(takeViolations(server), []));

function takeViolations({ violations }: AnthropicServer): string[] {
  return (violations as string[]).splice(0);
}

export function createModel(options: Partial<AnthropicModelOptions> = {}) {
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

export const weather = {
  name: 'weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

export const user = (text: string): Content => ({ role: 'user', parts: [{ text }] });
export const modelText = (text: string): Content => ({ role: 'model', parts: [{ text }] });
export const call = (id: string, name = 'weather', args: Record<string, unknown> = { city: 'Oslo' }): Part => ({
  functionCall: { id, name, args },
});
export const result = (id: string, response: Record<string, unknown> = { sky: 'clear' }): Part => ({
  functionResponse: { id, name: 'weather', response },
});

export interface Asked {
  readonly partials: readonly Part[];
  readonly whole: ModelResponse | undefined;
  readonly sent: (typeof server.requests)[number]['body'];
}

export async function ask(
  script: Script,
  request: Partial<ModelRequest> = {},
  model = createModel().model,
): Promise<Asked> {
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

export function blocks(message: { readonly content: unknown } | undefined): readonly SentBlock[] {
  return (message?.content ?? []) as readonly SentBlock[];
}

export const sent = async (contents: Content[], options: Partial<AnthropicModelOptions> = {}) =>
  (await ask([{ text: 'ok' }], { contents }, createModel({ promptCache: 'off', ...options }).model)).sent.messages;

export async function failure(script: Script, options: Partial<AnthropicModelOptions> = {}): Promise<ModelError> {
  const { model } = createModel(options);
  const error = await ask(script, {}, model).then(
    () => assert.fail('expected a failure'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ModelError, String(error));
  return error;
}

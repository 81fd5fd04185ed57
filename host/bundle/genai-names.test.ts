import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { genaiNames } from './genai-names.ts';

interface Names {
  readonly [constant: string]: object;
  createPartFromText(text: string): unknown;
  createUserContent(said: unknown): unknown;
  createModelContent(said: unknown): unknown;
}

const adk = createRequire(import.meta.url).resolve('@google/adk');
const client: Names = createRequire(adk)('@google/genai');
const names: Names = await import(`data:text/javascript,${encodeURIComponent(genaiNames(adk))}`);

test('the names that stand in for Google’s client say the same as the client', () => {
  for (const name of ['FinishReason', 'Language', 'Modality', 'Outcome', 'Type'])
    assert.deepEqual({ ...names[name] }, { ...client[name] });
  assert.deepEqual(names.createPartFromText('hello'), client.createPartFromText('hello'));
  const part = { functionCall: { name: 'list', args: {} } };
  for (const said of ['hello', part, ['hello', part]]) {
    assert.deepEqual(names.createUserContent(said), client.createUserContent(said));
    assert.deepEqual(names.createModelContent(said), client.createModelContent(said));
  }
});

test('content of nothing is refused by both', () => {
  for (const { createUserContent } of [names, client]) {
    assert.throws(() => createUserContent([]));
    assert.throws(() => createUserContent(null));
  }
});

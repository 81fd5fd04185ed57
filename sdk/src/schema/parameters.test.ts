import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { definePlugin } from '../define-plugin.ts';
import { createTestHost } from '../testing/test-host.ts';
import { toJsonSchema } from './parameters.ts';
import type { Schema } from './schema.ts';

const memory = z.strictObject({
  action: z.enum(['store', 'recall']).describe('What to do.'),
  content: z.string().min(1).max(100).optional().describe('The text.'),
  days: z.coerce.number().int().positive().default(7),
  tags: z.array(z.string()).max(3).optional(),
  when: z.union([z.literal('now'), z.object({ at: z.number() })]).optional(),
});

test('a zod schema reaches the model without loss', () => {
  assert.deepEqual(toJsonSchema(memory, 'x'), {
    type: 'object',
    properties: {
      action: { type: 'string', enum: ['store', 'recall'], description: 'What to do.' },
      content: { type: 'string', minLength: 1, maxLength: 100, description: 'The text.' },
      days: { type: 'integer', exclusiveMinimum: 0, maximum: 9007199254740991, default: 7 },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
      when: {
        anyOf: [
          { type: 'string', const: 'now' },
          { type: 'object', properties: { at: { type: 'number' } }, required: ['at'] },
        ],
      },
    },
    required: ['action'],
    additionalProperties: false,
  });
});

test('JSON Schema as data reaches the model as it is', () => {
  const schema = {
    type: 'object',
    properties: { x: { type: 'string', 'x-odd': [1, { y: null }] } },
    $defs: { z: true },
  };
  assert.deepEqual(toJsonSchema(schema, 'x'), schema);
});

const plugin = definePlugin({
  name: 'm',
  setup(ctx) {
    ctx.tool({ name: 'm', description: 'm', parameters: memory, run: (args) => ({ ...args, next: args.days + 1 }) });
  },
});

test('the handler sees the defaults and coercions of its own schema', async () => {
  await using host = await createTestHost(plugin);
  assert.deepEqual(await host.tool('m', { action: 'recall' }), { action: 'recall', days: 7, next: 8 });
  assert.deepEqual(await host.tool('m', { action: 'recall', days: '3' }), { action: 'recall', days: 3, next: 4 });
});

test('every problem is told with its path', async () => {
  await using host = await createTestHost(plugin);
  await assert.rejects(
    host.tool('m', { action: 'forget', tags: ['a', 5], extra: 1 }),
    (error: Error & { code?: string; details?: { data?: unknown } }) => {
      assert.equal(error.code, 'BAD_ARGUMENTS');
      assert.match(error.message, /^The arguments of tool:m do not fit: action: .*; tags\[1\]: .*; .*extra/);
      assert.ok(Array.isArray(error.details?.data) && error.details.data.length === 3);
      return true;
    },
  );
});

test('a schema that has no JSON Schema form fails in setup, naming the tool', async () => {
  const withDate = definePlugin({
    name: 'm',
    setup: (ctx) => ctx.tool({ name: 'm', description: 'm', parameters: z.object({ at: z.date() }), run: () => 1 }),
  });
  await assert.rejects(createTestHost(withDate), {
    code: 'BAD_ARGUMENTS',
    message: /The parameters of tool:m cannot be told as JSON Schema: .*Date/,
  });
  const plain: Schema = { '~standard': { version: 1, vendor: 'homemade', validate: (value) => ({ value }) } };
  assert.throws(() => toJsonSchema(plain, 'The parameters of tool:x'), {
    message: /tool:x: homemade gives no JSON Schema/,
  });
});

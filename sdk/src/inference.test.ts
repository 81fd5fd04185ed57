import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { definePlugin } from './index.ts';
import { createTestHost } from './testing/test-host.ts';

// What is proven here is proven by the type checker: no argument below is annotated.
const plugin = definePlugin({
  name: 'units',
  config: z.object({ digits: z.int().default(1) }),
  setup(ctx) {
    ctx.tool({
      name: 'shout',
      description: 'Shouts.',
      parameters: z.object({ text: z.string() }),
      run: ({ text }) => text.toUpperCase(),
    });
    ctx.service({
      name: 'units',
      methods: {
        celsius: {
          description: 'Turns degrees Fahrenheit into Celsius.',
          parameters: z.object({ fahrenheit: z.number() }),
          run: ({ fahrenheit }) => (((fahrenheit - 32) * 5) / 9).toFixed(ctx.config.digits),
        },
        echo: {
          description: 'By plain JSON Schema.',
          parameters: { type: 'object' },
          run: (args) => args.value ?? null,
        },
        key: { description: 'Without parameters.', run: (_, call) => call.key },
      },
    });
    ctx.on('turn.ended', ({ failed, text }) => {
      ctx.log.info('heard', { failed, length: text.length });
    });
  },
});

test('the arguments of handlers are typed by their schemas', async () => {
  await using host = await createTestHost(plugin);
  assert.equal(await host.tool('shout', { text: 'hey' }), 'HEY');
  assert.equal(await host.call('service:units.celsius', { fahrenheit: 100 }), '37.8');
  assert.deepEqual(await host.call('service:units.echo', { value: [1] }), [1]);
});

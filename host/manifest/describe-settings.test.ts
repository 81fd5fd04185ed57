import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJsonSchema } from '@clay/sdk/wire';
import { z } from '../schema.ts';
import { describeSettings } from './describe-settings.ts';

test('every field of a section is told with its default and meaning, inner ones by a dotted name, without what the host sets', () => {
  const section = z.strictObject({
    shell: z.enum(['on', 'off']).default('off'),
    every: z.string().default('5m').describe('How often.'),
    quiet: z
      .strictObject({ from: z.string().describe('Since.') })
      .nullable()
      .default(null),
    servers: z
      .record(z.string(), z.union([z.strictObject({ url: z.string() }), z.strictObject({ command: z.string() })]))
      .default({}),
  });
  assert.deepEqual(describeSettings(toJsonSchema(section, 'It'), ['shell']), [
    { name: 'every', fallback: '5m', meaning: 'How often.' },
    { name: 'quiet', fallback: null, meaning: '' },
    { name: 'quiet.from', fallback: undefined, meaning: 'Since.' },
    { name: 'servers', fallback: {}, meaning: '' },
    { name: 'servers.NAME.url', fallback: undefined, meaning: '' },
    { name: 'servers.NAME.command', fallback: undefined, meaning: '' },
  ]);
});

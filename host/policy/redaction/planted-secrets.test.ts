import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { ClayError, definePlugin, type PluginDefinition } from '@clay/sdk';
import { z } from 'zod';
import type { ModelRequest } from '../../agent/models/model.ts';
import type { Models } from '../../agent/models/models.ts';
import { startDelivery } from '../../delivery/testing/delivery-fixture.ts';
import { createLog } from '../../log.ts';
import { Redactor } from './redactor.ts';

const secrets = ['sk-ant-model-key-123', '0123456789:AAbot-token', 'control-token-xyz', 'BRAVE+key/with=signs'];
const forms = secrets.flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(`user:${secret}`).toString('base64'),
]);

const parameters = z.strictObject({ query: z.string() });

/** Gives everything away, by every way that a tool has. */
const leaky = definePlugin({
  name: 'leaky',
  setup(ctx) {
    const page = { status: 200, body: `<p>${forms.join('</p><p>')}</p>` };
    ctx.tool({
      name: 'env',
      description: 'Shows the environment.',
      parameters,
      run: () => ({ lines: forms, nested: { page } }),
    });
    ctx.tool({
      name: 'fail',
      description: 'Fails.',
      parameters,
      run: (_, call) => {
        call.progress(`working with ${forms.join(' ')}`);
        ctx.log.warn('leaky.failed', { message: forms.join(' '), [secrets[0]!]: 1 });
        throw new ClayError('CONFLICT', `bad key ${forms.join(' ')}`, { output: forms.join('\n'), data: { forms } });
      },
    });
    ctx.tool({
      name: 'crash',
      description: 'Crashes.',
      parameters,
      run: () => Promise.reject(new Error(forms.join(', '))),
    });
  },
}) as PluginDefinition;

function leaks(text: string): string[] {
  const decoded =
    text + [...text.matchAll(/[\w+/=-]{16,}/g)].map(([run]) => Buffer.from(run, 'base64').toString('latin1'));
  return [...forms, ...secrets].filter((form) => text.includes(form) || decoded.includes(form));
}

test('a secret that is planted anywhere reaches neither the model nor the sessions, the journal, the chat and the log', async (t) => {
  const requests: Pick<ModelRequest, 'system' | 'contents' | 'tools'>[] = [];
  const steps = ['env', 'fail', 'crash'];
  const models: Models = {
    provider: 'fixture',
    defaultName: 'fixture',
    names: ['fixture'],
    get: async () => ({
      provider: 'offline',
      name: 'fixture',
      async *generate(request) {
        const { system, contents, tools } = request;
        requests.push(structuredClone({ system, contents, tools }));
        const name = steps.shift();
        const part =
          name === undefined
            ? { text: 'All done.' }
            : { functionCall: { id: `call-${name}`, name, args: { query: secrets[1]! } } };
        yield { content: { role: 'model', parts: [part] }, finishReason: 'STOP' };
      },
    }),
  };
  const lines: string[] = [];
  const redactor = new Redactor(secrets);
  const host = await startDelivery(t, { plugins: [leaky], models, secrets });
  const { session } = await host.receive(`my key is ${secrets[0]}, and ${forms.at(-1)}`);
  await host.told(1);
  assert.equal(requests.length, 4);
  assert.deepEqual(leaks(JSON.stringify(requests)), []);
  const seen = JSON.stringify(requests);
  assert.match(seen, /my key is \[redacted\]/);
  for (const part of [/<p>\[redacted\]/, /bad key \[redacted\]/, /\[redacted\], \[redacted\]/])
    assert.match(seen, part);
  const log = createLog({
    level: 'debug',
    format: 'text',
    write: (line) => lines.push(redactor.text(line)),
    clock: host.clock,
  });
  for (const line of host.log) log.info(line.event, line);
  assert.ok(
    lines.some((line) => line.includes('leaky.failed')),
    lines.join('\n'),
  );
  assert.deepEqual(leaks(lines.join('\n')), []);
  const events = host.agentHost.sessions.get({ app: 'clay', user: 'fake:c1:ann', id: session }).events;
  assert.ok(events.length >= 8);
  assert.deepEqual(leaks(JSON.stringify(events)), []);
  assert.deepEqual(leaks(host.channel.texts.join('\n')), []);
  using journal = new DatabaseSync(join(host.root, 'data', 'journal.db'), { readOnly: true });
  const rows = journal.prepare("SELECT * FROM calls WHERE capability LIKE 'tool:%'").all();
  assert.equal(rows.length, 3);
  assert.deepEqual(leaks(JSON.stringify(rows)), []);
});

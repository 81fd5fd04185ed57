import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import approvals from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

const minuteMs = 60_000;

function createClaw(listed: JsonObject) {
  const revoked: Json[] = [];
  const provided = {
    'service:approvals.list': () => ({ rules: [], open: [], standing: [], ...listed }),
    'service:approvals.revoke': (args: Json) => {
      revoked.push(args);
      if ((args as JsonObject).number === 9) throw new ClayError('NOT_FOUND', 'No standing yes has the number 9.');
      return null;
    },
  };
  return { revoked, host: createTestHost({ ...approvals, requires: manifest.requires }, { provided }) };
}

test('a claw in which nothing needs a yes says so', async () => {
  await using claw = await createClaw({}).host;
  assert.equal(
    await claw.command('approvals'),
    'Nothing needs a yes here ("approvals" in clay.json).\nNothing waits for one.',
  );
});

test('open questions and standing yeses are listed, and one is taken back by its number', async () => {
  const listed: JsonObject = { rules: ['shell', 'tool:publish_*'] };
  const { host, revoked } = createClaw(listed);
  await using claw = await host;
  const now = claw.clock.now();
  const question = 'May I use `bash`?\n\ncommand:\n```\nls\n```';
  Object.assign(listed, {
    open: [{ id: 'q', text: question, askedAt: now, expiresAt: now + 5 * minuteMs }],
    standing: [
      { number: 3, capability: 'tool:bash', rule: 'shell', session: 's', by: 'telegram:1', at: now - 2 * minuteMs },
    ],
  });
  assert.equal(
    await claw.command('approvals'),
    [
      'These need a yes: `shell`, `tool:publish_*`.',
      'Waiting for an answer:',
      '- May I use `bash`? command: " ls " (5 min left)',
      'Standing; /approvals revoke N takes one back:',
      '- 3: always `tool:bash` for `shell` in one conversation, said 2 min ago by telegram:1',
    ].join('\n'),
  );
  assert.match(await claw.command('approvals', 'revoke #3'), /^Taken back/);
  assert.match(await claw.command('approvals', 'forget it'), /revoke N/);
  assert.deepEqual(revoked, [{ number: 3 }]);
  await assert.rejects(claw.command('approvals', 'revoke 9'), { code: 'NOT_FOUND' });
});

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { FakeBotApi } from '../plugins/telegram/testing/fake-bot-api.ts';
import type { AnthropicRequest } from './agent/testing/anthropic-rules.ts';
import type { ScriptedMessage } from './agent/testing/anthropic-script.ts';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { SupervisedClaw } from './testing/chats/supervised-claw.ts';
import { openTelegramWorld, type TelegramWorld } from './testing/chats/telegram-world.ts';

/** A claw with a chat over Telegram, a local model and a shell that asks: what guards it, seen from the chat. */
const ann = { id: 5001, first_name: 'Ann' };
const modelKey = 'a-model-key-of-this-test';
const provider = await startAnthropicServer();
after(() => provider.close());

function startGuarded(world: TelegramWorld, clayJson: object, prepare: (root: string) => void = () => undefined) {
  const claw = new SupervisedClaw(
    { plugins: { ...world.plugins }, ...clayJson },
    {
      ...world.environment,
      TELEGRAM_CHAT_ID: String(ann.id),
      TELEGRAM_ALLOWED_USERS: String(ann.id),
      ANTHROPIC_API_KEY: modelKey,
      ANTHROPIC_API_BASE: provider.url,
      CLAY_WATCH_PLUGINS: '1',
    },
  );
  prepare(claw.root);
  claw.start();
  return claw;
}

/** All that the model is sent now. */
const sent = ({ messages }: AnthropicRequest) => JSON.stringify(messages);
const bash = (command: string): ScriptedMessage => ({ calls: [{ name: 'bash', input: { command } }] });

const looper = `import { definePlugin, toFailure } from '@clay/sdk';

export default definePlugin({
  name: 'looper',
  async setup(ctx) {
    ctx.command({
      name: 'loop',
      description: 'asks the model for ever',
      run: async () => {
        for (let times = 1; ; times++) {
          try {
            await ctx.call('service:llm.ask', { prompt: 'And then?' });
          } catch (error) {
            return 'stopped at call ' + times + ': ' + toFailure(error).code;
          }
        }
      },
    });
  },
});
`;

test('a budget stops a plugin that asks the model for ever, and the chat hears of it; a restart gives it nothing back', {
  timeout: 120_000,
}, async () => {
  const fake = new FakeBotApi();
  await using world = await openTelegramWorld({ connector: 'telegram', fake });
  // An answer costs 25 tokens in and 15 out.
  const [tokensEach, tokensPerDay] = [40, 400];
  provider.script(() => ({ text: 'And then some.' }));
  const before = provider.requests.length;
  await using claw = startGuarded(world, { budgets: { 'plugin:looper': { tokensPerDay } } }, (root) => {
    const folder = join(root, 'data', 'plugins', 'looper');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.ts'), looper);
    const manifest = {
      name: 'looper',
      version: '1.0.0',
      description: 'Loops.',
      requires: ['service:llm.ask'],
      permissions: ['llm'],
    };
    writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest));
  });
  const texts = () => fake.said(ann.id).map(({ text }) => text);
  const hears = async (part: string) => {
    await fake.until(() => texts().some((text) => text.includes(part)));
    return texts().find((text) => text.includes(part)) ?? '';
  };
  // Until it is deployed, the command is nothing but a message.
  while (!texts().some((text) => text.includes('BUDGET_SPENT'))) {
    const known = texts().length;
    fake.say({ from: ann, text: '/loop' });
    await fake.until(() => texts().length > known);
  }
  await hears(`stopped at call ${tokensPerDay / tokensEach + 1}: BUDGET_SPENT`);
  assert.match(
    await hears('of the budget'),
    /^80 % of the budget of the plugin "looper" for this day is used: 320 tokens of 400/,
  );
  assert.match(await hears('I stop here'), /the budget of the plugin "looper" for this day \(400 tokens\) is used up/);
  const loops = () => provider.requests.slice(before).filter(({ body }) => sent(body).includes('And then?')).length;
  assert.equal(loops(), tokensPerDay / tokensEach);
  await claw.stop();
  claw.start();
  fake.say({ from: ann, text: '/loop' });
  await hears('stopped at call 1: BUDGET_SPENT');
  assert.equal(loops(), tokensPerDay / tokensEach);
  assert.equal(texts().filter((text) => text.includes('I stop here')).length, 1, 'told once a day');
  fake.say({ from: ann, text: '/usage' });
  assert.match(await hears('Budgets:'), /plugin looper, today: 400 tokens of 400 tokens \(100 %\), used up/);
  await claw.stop();
});

test('a shell that asks waits over the death of its host, runs once when a person agrees, and its output holds no secret', {
  timeout: 120_000,
}, async () => {
  const fake = new FakeBotApi();
  await using world = await openTelegramWorld({ connector: 'telegram', fake });
  const command = 'echo run >> ran.txt; cat data/token; tr "\\\\0" "\\\\n" < /proc/$PPID/environ; cat data/token 1>&2';
  const results: string[] = [];
  provider.script((request) => {
    const text = sent(request);
    if (!text.includes('tool_result')) return bash(command);
    results.push(text);
    return { text: 'It has run.' };
  });
  await using claw = startGuarded(world, {});
  fake.say({ from: ann, text: 'Run it.' });
  const texts = () => fake.said(ann.id).map(({ text }) => text);
  const asked = () => fake.said(ann.id).filter(({ buttons }) => buttons.length > 0);
  await fake.until(() => asked().length > 0);
  assert.deepEqual(
    asked()[0]?.buttons.map(({ text }) => text),
    ['Yes, once', 'Always bash in this conversation', 'No'],
  );
  assert.ok(
    texts().some((text) => text.includes('May I use bash?') && text.includes('cat data/token')),
    texts().join('\n'),
  );
  const ran = join(claw.root, 'ran.txt');
  assert.ok(claw.kill('host'));
  await fake.until(() => claw.host !== null);
  assert.equal(existsSync(ran), false);
  fake.press(ann, ann.id, 'Yes, once');
  await fake.until(() => texts().some((text) => text.includes('It has run.')));
  assert.equal(readFileSync(ran, 'utf8'), 'run\n');
  const token = readFileSync(join(claw.root, 'data', 'token'), 'utf8').trim();
  const secrets = [token, modelKey, fake.token];
  assert.match(results.join(), /ANTHROPIC_API_KEY=\[redacted\]/, 'the shell could read it');
  await claw.stop();
  using database = new DatabaseSync(claw.database, { readOnly: true });
  const events = JSON.stringify(database.prepare('SELECT body FROM events').all());
  using journal = new DatabaseSync(join(claw.root, 'data', 'journal.db'), { readOnly: true });
  const rows = JSON.stringify(journal.prepare('SELECT * FROM calls').all());
  for (const [place, text] of Object.entries({
    model: results.join(),
    events,
    rows,
    log: claw.stderr,
    chat: texts().join(),
  }))
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret.slice(0, 4)}… in ${place}`);
});

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { FakeBotApi } from '../plugins/telegram/testing/fake-bot-api.ts';
import type { AnthropicRequest } from './agent/testing/anthropic-rules.ts';
import type { ScriptedAnswer } from './agent/testing/anthropic-script.ts';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { SupervisedClaw } from './testing/chats/supervised-claw.ts';
import { openTelegramWorld } from './testing/chats/telegram-world.ts';

const ann = { id: 5001, first_name: 'Ann' };
const news = 'The news: all is well.';

test('a schedule that comes due while the claw is dead, and is killed while it runs, runs once and is told once', {
  timeout: 120_000,
}, async () => {
  const fake = new FakeBotApi();
  await using world = await openTelegramWorld({ connector: 'telegram', fake });
  let dueAt = 0;
  const asked: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()];
  let times = 0;
  const model = await startAnthropicServer(({ messages }: AnthropicRequest): ScriptedAnswer => {
    const last = JSON.stringify(messages.at(-1)?.content);
    if (last.includes('[SCHEDULE')) {
      asked[times]?.resolve();
      return times++ === 0 ? { text: news, hangAfter: 3 } : { text: news };
    }
    if (last.includes('tool_result')) return { text: 'Planned.' };
    if (!last.includes('Plan the news')) return { text: 'Heard.' };
    dueAt = Date.now() + 3_000;
    const input = { name: 'news', prompt: 'Tell the news.', at: new Date(dueAt).toISOString() };
    return { calls: [{ name: 'schedule_add', input }] };
  });
  await using claw = new SupervisedClaw(
    { plugins: { ...world.plugins } },
    {
      ...world.environment,
      TELEGRAM_CHAT_ID: String(ann.id),
      TELEGRAM_ALLOWED_USERS: String(ann.id),
      ANTHROPIC_API_KEY: 'a-key-of-this-test',
      ANTHROPIC_API_BASE: model.url,
    },
  );
  const texts = () => fake.said(ann.id).map(({ text }) => text);
  const hear = (word: string) => fake.until(() => texts().some((text) => text.includes(word)));

  claw.start();
  fake.say({ from: ann, text: 'Plan the news.' });
  await hear('Planned.');
  claw.kill('machine');
  await claw.ended();
  assert.equal(times, 0, 'it was killed before the time came');
  await wait(Math.max(0, dueAt + 100 - Date.now()));
  claw.start();
  await asked[0]!.promise;
  claw.kill('host');
  await asked[1]!.promise;
  await hear(news);
  // Behind it nothing comes any more, as parts go out in order.
  fake.say({ from: ann, text: 'Is that all?' });
  await hear('Heard.');

  assert.equal(texts().filter((text) => text.includes(news)).length, 1);
  using database = new DatabaseSync(claw.database, { readOnly: true });
  const runs = database.prepare('SELECT name, due_at, outcome, reason FROM schedule_runs').all();
  assert.deepEqual(
    runs.map((run) => ({ ...run })),
    [{ name: 'news', due_at: dueAt, outcome: 'ran', reason: '' }],
  );
  assert.equal(times, 2, 'the turn that was cut off went on, and no other was begun');
  assert.deepEqual(model.violations, []);
  await claw.stop();
  await model.close();
});

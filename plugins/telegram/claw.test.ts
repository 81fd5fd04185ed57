import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import { ClawProcess } from './testing/claw.ts';
import { type FakeBotApi, listenBotApi } from './testing/fake-bot-api.ts';

const people = Array.from({ length: 30 }, (_, index) => ({ id: 5001 + index, first_name: `Person ${index}` }));
const timeout = 240_000;

function createClaw(fake: FakeBotApi, baseUrl: string): ClawProcess {
  return new ClawProcess(
    { plugins: { telegram: { baseUrl, pollSeconds: 2 } } },
    {
      TELEGRAM_BOT: fake.token,
      TELEGRAM_ALLOWED_USERS: people.map(({ id }) => id).join(','),
      CHAT_CONNECTOR: 'telegram',
    },
  );
}

/** What a chat has been told, without empty places. */
const told = (fake: FakeBotApi, chat: number) => fake.said(chat).filter(({ text }) => text !== '…');

test('a person says something before the claw is there, and is answered by the bundled claw; the log is silent', {
  timeout,
}, async () => {
  await using server = await listenBotApi();
  const { fake, url } = server;
  await using claw = createClaw(fake, url);
  const [ada] = people;
  fake.say({ from: ada!, text: '/help' });
  fake.say({ from: ada!, text: 'hello' });
  claw.start();
  await fake.until(() => told(fake, ada!.id).length === 2);
  const [help, hello] = told(fake, ada!.id).map(({ text }) => text);
  assert.match(help!, /\/new/);
  assert.match(hello!, /offline model/);
  await claw.end('SIGTERM');
  assert.equal(claw.stderr, '');
});

test('a claw that is killed again and again answers everybody once', { timeout }, async () => {
  const random = createRandom();
  await using server = await listenBotApi();
  const { fake, url } = server;
  await using claw = createClaw(fake, url);
  const kills = 6;
  for (const from of people) fake.say({ from, text: `remember that ${from.first_name} likes tea` });
  for (let round = 0; round < kills; round++) {
    claw.start();
    // Anywhere between the first news and the last answer of this life.
    const calls = fake.calls.length + 6 + random.below(24);
    await fake.until(() => fake.calls.length >= calls || people.every(({ id }) => told(fake, id).length > 0));
    await claw.end('SIGKILL');
  }
  claw.start();
  await fake.until(() => people.every(({ id }) => told(fake, id).length > 0) && fake.updates.waiting.length === 0);
  await claw.end('SIGTERM');
  for (const { id, first_name } of people) {
    assert.equal(told(fake, id).length, 1, `${first_name} is answered once`);
    // A death between the sending of an empty place and the keeping of its id leaves the place empty.
    assert.ok(fake.said(id).length <= 1 + kills, `${first_name} sees ${fake.said(id).length} messages`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { settle } from '@clay/sdk/testing';
import { listenBotApi } from '../testing/fake-bot-api.ts';
import type { WebhookClient } from '../testing/fake-webhook.ts';
import { ada, loggedIn, type Setting, start } from '../testing/setting.ts';

const publicUrl = 'https://claw.example.org/';
const secretHeader = 'x-telegram-bot-api-secret-token';

interface Brought {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
}

/** A claw with a webhook, and what was brought to it. */
async function startWithWebhook() {
  const brought: Brought[] = [];
  let setting: Setting | null = null;
  const webhookClient: WebhookClient = async (url, headers, body) => {
    if (setting === null) return 502;
    const { status = 200 } = await setting.host.route('POST', '/webhook', { headers, body });
    brought.push({ url, headers, body, status });
    return status;
  };
  const made = await start({ config: { publicUrl }, bot: { webhookClient }, isQuiet: true });
  setting = made;
  await made.fake.until(() => made.fake.webhook.isSet);
  return { ...made, brought };
}

test('with a public address Telegram is told the webhook, its secret, and what to bring, one at a time', async () => {
  await using setting = await startWithWebhook();
  const { fake, brought, received } = setting;
  const told = fake.calls.find(({ method }) => method === 'setWebhook')!.parameters;
  assert.partialDeepStrictEqual(told, {
    url: 'https://claw.example.org/plugins/telegram/webhook',
    allowed_updates: ['message', 'edited_message', 'callback_query'],
    max_connections: 1,
  });
  assert.match(String(told.secret_token), /^[0-9a-f]{64}$/);
  fake.say({ from: ada, text: 'hello' });
  await fake.until(() => fake.updates.waiting.length === 0);
  assert.deepEqual([received.map(({ text }) => text), brought.map(({ status }) => status)], [['hello'], [200]]);
  assert.equal(fake.count('getUpdates'), 0);
});

test('whoever does not know the secret is heard by nobody', async () => {
  await using setting = await startWithWebhook();
  const { fake, host, brought, received } = setting;
  fake.say({ from: ada, text: 'hello' });
  await fake.until(() => fake.updates.waiting.length === 0);
  const { body, headers } = brought[0]!;
  const ask = async (header: Readonly<Record<string, string>>, text = body) =>
    (await host.route('POST', '/webhook', { headers: header, body: text })).status;
  assert.equal(await ask({}), 401);
  assert.equal(await ask({ [secretHeader]: 'wrong' }), 401);
  assert.equal(await ask(headers, 'nonsense'), 400);
  assert.equal(await ask(headers, '{"update_id":"x"}'), 400);
  assert.equal(received.length, 1);
});

test('an update that the host cannot take is brought again, and the next waits behind it; one that it never will is not', async () => {
  await using setting = await startWithWebhook();
  const { fake, failures, received, host } = setting;
  failures.push(new ClayError('UNAVAILABLE', 'the disk is full'), new ClayError('BAD_ARGUMENTS', 'control characters'));
  for (const text of ['one', 'two']) fake.say({ from: ada, text });
  await fake.webhook.push();
  assert.deepEqual([received, fake.updates.waiting.length], [[], 2]);
  assert.equal(loggedIn(host, 'telegram.trouble').length, 1);
  await fake.webhook.push();
  assert.deepEqual([received.map(({ text }) => text), fake.updates.waiting], [['two'], []]);
  assert.equal(loggedIn(host, 'telegram.update_dropped').length, 1);
  assert.equal(loggedIn(host, 'telegram.back').length, 1);
});

test('a claw that is about to end, or not there yet, takes nothing', async () => {
  const setting = await startWithWebhook();
  const { fake, received } = setting;
  await setting.host.stop();
  fake.say({ from: ada, text: 'later' });
  await fake.webhook.push();
  assert.deepEqual([received, fake.updates.waiting.length, fake.webhook.isSet], [[], 1, true]);
  await setting[Symbol.asyncDispose]();
});

test('a bot that another process has taken is taken back, and that is told', async () => {
  await using setting = await startWithWebhook();
  const { fake, host } = setting;
  fake.webhook.delete();
  while (host.clock.pending === 0) await settle();
  await host.advance(60_000);
  await fake.until(() => fake.webhook.isSet);
  assert.match(String(loggedIn(host, 'telegram.webhook_taken')[0]?.fields?.message), /same token/);
});

test('an address that Telegram does not reach is told once for each failure, with what Telegram says', async () => {
  await using server = await listenBotApi();
  const { fake } = server;
  await using setting = await start({ config: { publicUrl }, server, isQuiet: true });
  await fake.until(() => fake.webhook.isSet);
  fake.say({ from: ada, text: 'hello' });
  await fake.webhook.push();
  const failing = () => loggedIn(setting.host, 'telegram.webhook_failing').map(({ fields }) => fields as JsonObject);
  for (let look = 0; look < 3; look++) {
    while (setting.host.clock.pending === 0) await settle();
    const looks = fake.calls.filter(({ method, status }) => method === 'getWebhookInfo' && status === 200).length;
    await setting.host.advance(60_000);
    await fake.until(
      () => fake.calls.filter(({ method, status }) => method === 'getWebhookInfo' && status === 200).length > looks,
    );
  }
  assert.equal(failing().length, 1);
  assert.match(String(failing()[0]?.message), /Connection refused.*reaches this claw from outside/);
});

test('without a public address the claw asks for its messages again, and the webhook is gone', async () => {
  await using server = await listenBotApi();
  const { fake } = server;
  const first = await start({ config: { publicUrl }, server, isQuiet: true });
  await fake.until(() => fake.webhook.isSet);
  await first.host.stop();
  fake.say({ from: ada, text: 'meanwhile' });
  await using next = await start({ server });
  await fake.until(() => fake.count('deleteWebhook') === 1);
  while (next.host.clock.pending === 0) await settle();
  await next.host.advance(0);
  await fake.until(() => fake.updates.waiting.length === 0 && fake.updates.isRead);
  assert.deepEqual([next.received.map(({ text }) => text), fake.webhook.isSet], [['meanwhile'], false]);
});

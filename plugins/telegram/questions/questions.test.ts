import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { listenBotApi } from '../testing/fake-bot-api.ts';
import { FakeRefusal } from '../testing/fake-refusal.ts';
import { ada, confirmed, eve, group, loggedIn, type SettingOptions, start } from '../testing/setting.ts';

const choices = [
  { id: 'yes', label: 'Yes' },
  { id: 'no', label: 'No & never' },
];
const question = { chat: '5001', text: 'Pay <b>3 €</b>?', format: 'html', choices, key: 'q1' };

/** A host whose answers to presses are these, one each; what it was told is kept. */
async function startAsking(answers: readonly (JsonObject | ClayError)[], options: SettingOptions = {}) {
  const told: Json[] = [];
  const left = [...answers];
  const setting = await start({
    provided: {
      'service:chat.answer': (args) => {
        told.push(args);
        const answer = left.shift() ?? { state: 'ended', text: '✓ Yes' };
        if (answer instanceof ClayError) throw answer;
        return answer;
      },
    },
    ...options,
  });
  return { ...setting, told };
}

const answersTo = (setting: Awaited<ReturnType<typeof startAsking>>) =>
  setting.fake.calls.filter(({ method }) => method === 'answerCallbackQuery').map(({ parameters }) => parameters.text);

test('a question has a button for each choice; a press is answered, handed to the host, and shown with who it was', async () => {
  await using setting = await startAsking([{ state: 'answered', text: '✓ No & never' }]);
  const { fake, host, told } = setting;
  const receipt = await host.call('service:telegram.ask', question);
  const [asked] = fake.said(ada.id);
  assert.deepEqual(receipt, { id: String(asked!.id) });
  assert.deepEqual([asked!.text, asked!.buttons.map(({ text }) => text)], ['Pay 3 €?', ['Yes', 'No & never']]);
  await confirmed(fake, fake.press(ada, ada.id, 'No & never'));
  assert.deepEqual(told, [{ channel: 'telegram', chat: '5001', user: '5001', key: 'q1', choice: 'no' }]);
  const [shown, ...more] = fake.said(ada.id);
  assert.deepEqual([shown!.text, shown!.buttons, more], ['Pay 3 €?\n\n✓ No & never (Ada)', [], []]);
  assert.deepEqual(answersTo(setting), ['No & never']);
});

test('a question that is asked again under its key stands once, also when the line was cut', async () => {
  await using setting = await startAsking([]);
  const { fake, host } = setting;
  fake.script('editMessageText', 'cut after');
  await assert.rejects(host.call('service:telegram.ask', question), { code: 'UNAVAILABLE' });
  const receipt = await host.call('service:telegram.ask', question);
  assert.deepEqual(await host.call('service:telegram.ask', question), receipt);
  const [asked, ...more] = fake.said(ada.id);
  assert.deepEqual([asked!.buttons.length, more], [2, []]);
});

test('a second press, by somebody who still sees the buttons, is told that the question is over', async () => {
  await using setting = await startAsking([{ state: 'answered', text: '✓ Yes' }]);
  const { fake, host } = setting;
  await host.call('service:telegram.ask', question);
  const [asked] = fake.said(ada.id);
  await confirmed(fake, fake.press(ada, ada.id, 'Yes'));
  await confirmed(fake, fake.pressAgain(ada, asked!, asked!.buttons[1]!));
  assert.deepEqual(answersTo(setting), ['Yes', 'This question is no longer open.']);
  assert.match(fake.said(ada.id)[0]!.text, /✓ Yes/);
});

test('a press of an expired question says so, and takes the buttons away', async () => {
  await using setting = await startAsking([{ state: 'ended', text: 'Nobody answered in time.' }]);
  const { fake, host } = setting;
  await host.call('service:telegram.ask', question);
  await confirmed(fake, fake.press(ada, ada.id, 'Yes'));
  const [shown] = fake.said(ada.id);
  assert.deepEqual([shown!.text, shown!.buttons], ['Pay 3 €?\n\nNobody answered in time.', []]);
  assert.deepEqual(answersTo(setting), ['This question is no longer open.']);
});

test('somebody who may not talk to the claw cannot press, and the question stays open', async () => {
  await using setting = await startAsking([], { telegram: { chatId: String(group), allowedUsers: ['5001'] } });
  const { fake, host, told } = setting;
  await host.call('service:telegram.ask', { ...question, chat: String(group) });
  await confirmed(fake, fake.press(eve, group, 'Yes'));
  assert.deepEqual([told, fake.said(group)[0]!.buttons.length], [[], 2]);
  assert.match(String(answersTo(setting)[0]), /Only people whom my owner has named/);
  assert.equal(loggedIn(host, 'telegram.press_refused').length, 1);
});

test('a press from another chat than the question’s counts for nothing', async () => {
  await using setting = await startAsking([]);
  const { fake, host, told } = setting;
  await host.call('service:telegram.ask', question);
  const [asked] = fake.said(ada.id);
  await confirmed(fake, fake.pressAgain(ada, { ...asked!, chat: '6666' }, asked!.buttons[0]!));
  await confirmed(fake, fake.pressAgain(ada, asked!, { text: 'x', callback_data: 'ask:q1:7' }));
  await confirmed(fake, fake.pressAgain(ada, asked!, { text: 'x', callback_data: 'other' }));
  assert.deepEqual([told, answersTo(setting).length], [[], 3]);
});

test('a press that the host cannot take yet is answered at once, and handed in again', async () => {
  await using setting = await startAsking([
    new ClayError('UNAVAILABLE', 'the disk is full'),
    { state: 'answered', text: '✓ Yes' },
  ]);
  const { fake, host, told } = setting;
  await host.call('service:telegram.ask', question);
  const press = fake.press(ada, ada.id, 'Yes');
  await fake.until(() => fake.count('answerCallbackQuery') === 1);
  await host.advance(0);
  while (host.clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await host.advance(1_000);
  await confirmed(fake, press);
  assert.equal(told.length, 2);
  assert.match(fake.said(ada.id)[0]!.text, /✓ Yes \(Ada\)$/);
  assert.match(String(answersTo(setting)[0]), /type your answer/);
});

test('a question that ended elsewhere is settled: no buttons, and what came of it', async () => {
  await using setting = await startAsking([]);
  const { fake, host } = setting;
  await host.call('service:telegram.ask', question);
  await host.call('service:telegram.settle', { chat: '5001', key: 'q1', id: null, text: '✓ Yes, by the console' });
  await host.call('service:telegram.settle', { chat: '5001', key: 'unknown', id: null, text: 'x' });
  const [shown] = fake.said(ada.id);
  assert.deepEqual([shown!.text, shown!.buttons], ['Pay 3 €?\n\n✓ Yes, by the console', []]);
});

test('a question outlives the claw that asked it, for a week', async () => {
  await using server = await listenBotApi();
  const folder = mkdtempSync(join(tmpdir(), 'clay-telegram-'));
  const options = { server, database: join(folder, 'messages.db') };
  const first = await startAsking([], options);
  await first.host.call('service:telegram.ask', question);
  await first.host.stop();
  await using next = await startAsking([{ state: 'answered', text: '✓ Yes' }], options);
  await next.host.advance(7 * 24 * 3_600_000);
  await next.host.call('channel:telegram', { to: '5001', text: 'meanwhile', format: 'plain', key: 'm1/1' });
  await confirmed(server.fake, server.fake.press(ada, ada.id, 'Yes'));
  assert.deepEqual(
    server.fake.said(ada.id).map(({ text, buttons }) => [text, buttons.length]),
    [
      ['Pay 3 €?\n\n✓ Yes (Ada)', 0],
      ['meanwhile', 0],
    ],
  );
  rmSync(folder, { recursive: true });
});

test('what Telegram refuses of a question has the code of any part', async () => {
  await using setting = await startAsking([]);
  setting.fake.script('sendMessage', new FakeRefusal(429, 'Too Many Requests: retry after 7', 7));
  await assert.rejects(setting.host.call('service:telegram.ask', question), (error: ClayError) => {
    assert.deepEqual([error.code, error.details.data], ['UNAVAILABLE', { retryAfterMs: 7000 }]);
    return true;
  });
});

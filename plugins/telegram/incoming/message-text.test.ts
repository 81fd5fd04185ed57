import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignText } from '@clay/sdk';
import type { Me, Message } from '../bot-api.ts';
import { textOfMessage } from './message-text.ts';

const me: Me = { id: 1, username: 'clay_bot', can_read_all_group_messages: false };
const ada = { id: 7, is_bot: false, first_name: 'Ada' };
const eve = { id: 8, is_bot: false, first_name: 'Eve' };
const said = (fields: object) => textOfMessage({ from: ada, ...fields } as unknown as Message, me, false);
const ofEve = (text: string) => foreignText({ origin: 'person', source: 'Eve', text });

test('what is forwarded is marked as the words of who wrote it, and is no command', () => {
  const forward_origin = { type: 'user', date: 0, sender_user: eve };
  assert.equal(said({ text: '/stop', forward_origin }), `[forwarded]\n${ofEve('/stop')}`);
  const hidden = { type: 'hidden_user', date: 0, sender_user_name: 'Eve' };
  assert.equal(said({ caption: 'yes', forward_origin: hidden }), `[forwarded]\n${ofEve('yes')}`);
  const channel = { type: 'channel', date: 0, chat: { id: -1, type: 'channel', title: 'Eve' }, message_id: 1 };
  assert.equal(said({ text: 'buy', forward_origin: channel }), `[forwarded]\n${ofEve('buy')}`);
});

test('what somebody else wrote is marked where it is quoted', () => {
  assert.equal(
    said({ text: 'true?', reply_to_message: { from: eve, text: 'Send it.' } }),
    `[in reply to:]\n${ofEve('Send it.')}\n\ntrue?`,
  );
});

test('own words and the bot’s are quoted as they are, unless they were forwarded', () => {
  assert.equal(
    said({ text: 'yes', reply_to_message: { from: { ...me, first_name: 'Clay' }, text: 'Shall I?' } }),
    '> Clay wrote:\n> Shall I?\n\nyes',
  );
  assert.equal(
    said({ text: 'again', reply_to_message: { from: ada, text: 'a\nb' } }),
    '> Ada wrote:\n> a\n> b\n\nagain',
  );
  const forward_origin = { type: 'user', date: 0, sender_user: eve };
  assert.match(
    said({ text: 'do', reply_to_message: { from: ada, text: 'Send it.', forward_origin } }),
    /^\[in reply to:\]\n<foreign-/,
  );
});

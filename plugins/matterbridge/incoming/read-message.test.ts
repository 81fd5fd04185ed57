import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignText } from '@clay/sdk';
import { createFakeClock } from '@clay/sdk/testing';
import { fromTelegram } from '../testing/fake-api.ts';
import { parseBridgeMessage } from './bridge-message.ts';
import { editSuffix, quoteMark } from './marks.ts';
import { OwnMarks } from './own-marks.ts';
import { readMessage } from './read-message.ts';

const marks = new OwnMarks('mark', createFakeClock());
const read = (fields: Record<string, unknown>, people: { telegram?: string[]; users?: string[] } = {}) =>
  readMessage(parseBridgeMessage(JSON.stringify(fromTelegram(fields)))!, {
    people: { telegram: people.telegram ?? [], users: people.users ?? [], paired: [] },
    marks,
    attachmentBytes: 1000,
  });
const textOf = (fields: Record<string, unknown>) => {
  const reading = read(fields);
  return reading.kind === 'message' ? reading.message.text : reading.kind;
};

test('joins, topics, typing and deletions are not said to the claw, and an action is', () => {
  for (const event of ['join_leave', 'topic_change', 'user_typing', 'msg_delete', 'rejoin_channels', 'failure'])
    assert.deepEqual(read({ event }), { kind: 'ignored', reason: 'event' });
  assert.equal(textOf({ event: 'user_action', text: 'waves' }), '* al waves');
  assert.deepEqual(read({ event: 'api_connected' }), { kind: 'connected' });
});

test('an edit is told as one, and "(edited)" typed by a person is not', () => {
  assert.equal(textOf({ text: `new${editSuffix}` }), '[An earlier message was edited; it reads now:]\nnew');
  assert.equal(textOf({ text: 'new (edited)' }), 'new (edited)');
});

test('the quote of a reply is told apart from the words, in our form and in matterbridge’s', () => {
  const ours = `yes\nplease${quoteMark}bo${quoteMark}shall we (re @al: x)?${quoteMark}`;
  const bo = (text: string) => `[In reply to:]\n${foreignText({ origin: 'person', source: 'bo', text })}`;
  assert.equal(textOf({ text: ours }), `${bo('shall we (re @al: x)?')}\nyes\nplease`);
  assert.equal(textOf({ text: 'yes (re @bo: shall\nwe?)' }), `${bo('shall\nwe?')}\nyes`);
  const edited = `yes${editSuffix}${quoteMark}bo${quoteMark}shall we?${quoteMark}`;
  assert.equal(textOf({ text: edited }), `${bo('shall we?')}\n[An earlier message was edited; it reads now:]\nyes`);
});

test('files come with their captions; what is too large or empty is told in words', () => {
  const Data = Buffer.from('picture').toString('base64');
  const Extra = {
    file: [
      { Name: 'a.PNG', Data, Comment: 'look' },
      { Name: 'big.bin', Data: Buffer.alloc(2000).toString('base64'), Comment: '' },
      { Name: 'gone.txt', Data: '', Comment: '' },
    ],
    file_failure_size: [{ Name: 'film.mp4', Size: 30_000_000, Comment: '' }],
  };
  const reading = read({ text: '', Extra });
  assert.ok(reading.kind === 'message');
  assert.deepEqual(reading.message.attachments, [{ name: 'a.PNG', mediaType: 'image/png', base64: Data }]);
  const lines = reading.message.text.split('\n');
  assert.equal(lines[0], 'look');
  assert.match(lines[1]!, /big\.bin .* is more than/);
  assert.match(lines[2]!, /gone\.txt came without its content/);
  assert.match(lines[3]!, /film\.mp4 \(30\.0 MB\) is more/);
});

test('an empty text without a file is nothing', () => {
  assert.deepEqual(read({ text: ' \n' }), { kind: 'ignored', reason: 'empty' });
  assert.deepEqual(read({ text: '', Extra: null }), { kind: 'ignored', reason: 'empty' });
});

test('with no names the configured private chat may talk, and in a group nobody', () => {
  assert.equal(read({}).kind, 'message');
  assert.equal(read({ channel: '-100', userid: '5001' }).kind, 'stranger');
  assert.equal(read({ channel: '-100/7', userid: '5001' }, { telegram: ['5001'] }).kind, 'message');
  assert.equal(read({ userid: '', username: '5001', channel: '5001' }, { telegram: ['5001'] }).kind, 'stranger');
});

test('other protocols need names, or an open door', () => {
  const irc = { protocol: 'irc', userid: '~ada@host', channel: '#lab' };
  assert.equal(read(irc).kind, 'stranger');
  assert.equal(read(irc, { telegram: ['~ada@host'] }).kind, 'stranger');
  assert.equal(read(irc, { users: ['irc:~ada@host'] }).kind, 'message');
  assert.equal(read(irc, { users: ['irc:*'] }).kind, 'message');
  assert.equal(read(irc, { users: ['matrix:*'] }).kind, 'stranger');
});

test('a group is told by its chat, and a name that would not fit is cut', () => {
  const group = read({ channel: '-100/7', userid: '5', username: `x\n${'y'.repeat(300)}` }, { telegram: ['5'] });
  assert.ok(group.kind === 'message');
  assert.deepEqual([group.message.isGroup, group.message.chat], [true, 'telegram-5001/telegram/-100/7']);
  assert.equal(group.message.name.length, 200);
});

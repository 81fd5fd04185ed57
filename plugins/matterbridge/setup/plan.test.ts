import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matterbridgeConfig } from '../config.ts';
import { makePlan } from './plan.ts';

const telegram = { token: '111:TEST', chatId: '-100', allowedUsers: ['5001'], connector: 'matterbridge' };

test('whoever was paired on Telegram has a private chat with the claw from the next start on', () => {
  const plan = makePlan(matterbridgeConfig.parse({ telegram }), '/nowhere', ['telegram:7', 'irc:~ada@host']);
  assert.ok(plan.kind === 'run');
  assert.deepEqual(
    [...plan.toml.matchAll(/^name="(.*)"$/gm)].map(([, name]) => name),
    ['telegram--100', 'telegram-5001', 'telegram-7'],
  );
});

test('a bot without a chat is nothing to bridge, and it is told what to do', () => {
  const plan = makePlan(matterbridgeConfig.parse({ telegram: { token: '111:TEST' } }), '/nowhere');
  assert.ok(plan.kind === 'nothing');
  assert.match(plan.reason, /TELEGRAM_CHAT_ID.*CHAT_CONNECTOR=telegram/);
});

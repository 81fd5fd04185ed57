import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { Config } from '../../../config/config.ts';
import { checkTelegram } from './telegram-check.ts';

const server = createServer((request, response) => {
  const isKnown = request.url === '/bot1:good/getMe';
  response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isKnown ? { ok: true, result: { username: 'my_bot' } } : { ok: false, error_code: 401 }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function look(more: Partial<Config['telegram']>, url = baseUrl) {
  const telegram = { token: '1:good', chatId: '5', allowedUsers: [], connector: 'telegram' as const, ...more };
  return checkTelegram({ telegram, plugins: { telegram: { baseUrl: url } } });
}

test('a token that Telegram knows is told by the name of its bot', async () => {
  assert.deepEqual(await look({}), [{ what: 'telegram', state: 'ok', found: '@my_bot, served directly' }]);
  const [, chat] = await look({ chatId: null, connector: 'matterbridge' });
  assert.match(chat?.remedy ?? '', /Set TELEGRAM_CHAT_ID/);
});

test('a token that it does not know is a failure, with where to get one', async () => {
  const [found] = await look({ token: '1:bad' });
  assert.equal(found?.state, 'failure');
  assert.match(found?.remedy ?? '', /@BotFather/);
});

test('a Telegram that cannot be reached is a warning that does not tell the token', async () => {
  const [found] = await look({}, 'http://127.0.0.1:9');
  assert.equal(found?.state, 'warning');
  assert.doesNotMatch(JSON.stringify(found), /1:good/);
});

test('without a token there is nothing to say', async () => {
  assert.deepEqual(await look({ token: null }), []);
});

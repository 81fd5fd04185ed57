import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseTelegramHtml, renderTelegram, telegramText } from '@clay/sdk/telegram';
import { findComponent, skipWithout } from '../plugins/matterbridge/testing/component.ts';
import { IrcPerson } from '../plugins/matterbridge/testing/irc-person.ts';
import { openIrcRoom } from '../plugins/matterbridge/testing/irc-room.ts';
import { FakeBotApi } from '../plugins/telegram/testing/fake-bot-api.ts';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { longAnswer, longAnswerParagraphs, longCode } from './testing/chats/long-answer.ts';
import { SupervisedClaw } from './testing/chats/supervised-claw.ts';
import { type Connector, openTelegramWorld } from './testing/chats/telegram-world.ts';
import { freePort } from './testing/claw.ts';

/** The whole claw as `npm start` runs it, with people who talk to it by real programs. */
const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
const ngircd = findComponent('ngircd', 'NGIRCD');
const openssl = findComponent('openssl', 'OPENSSL');

/** More lines than matterbridge lets wait for IRC, when nobody tells it otherwise. */
const counted = Array.from({ length: 36 }, (_, index) => `This is line ${index} of the count.`);

const model = await startAnthropicServer(({ messages }) => {
  const said = JSON.stringify(messages.at(-1)?.content);
  if (said.includes('tool_result')) return { text: 'It is noted.' };
  if (said.includes('Tell me all')) return { text: longAnswer };
  if (said.includes('Count for me')) return { text: `\`\`\`\n${counted.join('\n')}\n\`\`\`\nThat was all.` };
  if (said.includes('Remember')) return { calls: [{ name: 'memory', input: { action: 'store', content: 'Tea.' } }] };
  return { text: 'Hello!\nHow are *you*?' };
});
after(() => model.close());
const brain = { ANTHROPIC_API_KEY: 'a-key-of-this-test', ANTHROPIC_API_BASE: model.url };
const ada = { id: 5001, first_name: 'Ada', username: 'ada' };

/** `TELEGRAM_BOT=… TELEGRAM_CHAT_ID=… npm start`, and what an operator's machine adds to it. */
async function talkOnTelegram(connector: Connector): Promise<void> {
  // Matterbridge loses what comes too fast; the direct connector fills each place right after it has sent it.
  const fake = new FakeBotApi({ chatGapMs: connector === 'matterbridge' ? 900 : 0 });
  const said = () => fake.said(ada.id).filter(({ text }) => text !== '…' && !text.endsWith('▌'));
  await using world = await openTelegramWorld({ connector, fake, program: matterbridge.path });
  await using claw = new SupervisedClaw(
    { plugins: world.plugins },
    { ...world.environment, ...brain, TELEGRAM_CHAT_ID: String(ada.id) },
  );
  fake.say({ from: ada, text: '/help' });
  claw.start();
  await fake.until(() => said().length === 1);
  assert.match(said()[0]!.text, /\/new/);
  fake.say({ from: ada, text: 'Remember that I like tea.' });
  await fake.until(() => said().length === 2);
  assert.equal(said()[1]!.text, 'It is noted.');
  fake.say({ from: ada, text: 'Tell me all.' });
  await fake.until(() => said().at(-1)?.text.endsWith('That was all.') === true);

  const parts = said().slice(2);
  const rendered = renderTelegram(longAnswer);
  assert.deepEqual(
    parts.map(({ text }) => text),
    rendered.map((part) => telegramText(part).trim()),
  );
  assert.deepEqual(
    parts.map(({ entities }) => entities),
    rendered.map(({ text }) => parseTelegramHtml(text).entities),
  );
  holdAgainstSource(parts);
  await claw.stop();
  assert.equal(claw.stderr.replaceAll(/.*token_unchecked.*\n/g, ''), '');
}

type Said = ReturnType<FakeBotApi['said']>[number];

/** What the person reads against what the model said, by other means than those that made the one of the other. */
function holdAgainstSource(parts: readonly Said[]): void {
  const all = parts.map(({ text }) => text).join('\n');
  assert.ok(all.length >= 16_000);
  const paragraphs = [
    ...all.matchAll(/^Paragraph (\d+) with bold, italic, struck, co<d>e, a link and 3 < 4 & 5 > 2/gm),
  ];
  assert.deepEqual(
    paragraphs.map(([, index]) => Number(index)),
    Array.from({ length: longAnswerParagraphs }, (_, index) => index),
  );
  const code = parts.flatMap(({ text, entities }) =>
    entities
      .filter(({ type, language }) => type === 'code' && language === 'ts')
      .map(({ offset, length }) => text.slice(offset, offset + length)),
  );
  assert.equal(code.join('\n').replaceAll('\n\n', '\n').trimEnd(), longCode);
  const links = parts.flatMap(({ entities }) => entities.flatMap(({ href }) => href ?? []));
  assert.equal(links[7], 'https://example.org/?a=7&b=2');
  for (const { text } of parts) assert.ok(text.length <= 4096 && text.isWellFormed());
}

describe('people who talk to a whole claw', { timeout: 120_000, concurrency: true }, () => {
  test('on Telegram, by the bot’s own API: a command, a tool, and 16,000 characters that arrive whole', () =>
    talkOnTelegram('telegram'));

  test(
    'on Telegram, by the real matterbridge, which the medic starts: the same',
    {
      skip: skipWithout(matterbridge, openssl),
    },
    () => talkOnTelegram('matterbridge'),
  );

  test('on IRC, by the real matterbridge and an IRC server', { skip: skipWithout(matterbridge, ngircd) }, async () => {
    const room = await openIrcRoom(ngircd.path!);
    const person = new IrcPerson('ada', room.port);
    try {
      await person.join('#lab');
      const port = await freePort();
      await using claw = new SupervisedClaw(
        { plugins: { matterbridge: { port, users: ['irc:*'] } } },
        { ...brain, MATTERBRIDGE_BIN: matterbridge.path! },
      );
      writeFileSync(join(claw.root, 'matterbridge.toml'), ircToml(room.port));
      claw.start();
      await person.hears(/:clay\S* JOIN/);
      person.say('#lab', 'Remember that I like tea.');
      await person.hears(/^:clay\S* PRIVMSG #lab :It is noted\./);
      const start = person.lines.length;
      person.say('#lab', 'Good morning 😄');
      await person.hears(/^:clay\S* PRIVMSG #lab :How are you\?/, start);
      assert.match(person.lines[start] ?? '', /PRIVMSG #lab :Hello!/);
      const before = person.lines.length;
      person.say('#lab', 'Count for me.');
      await person.hears(/^:clay\S* PRIVMSG #lab :That was all\./, before);
      const heard = person.lines.slice(before).flatMap((line) => /^:clay\S* PRIVMSG #lab :(.*)$/.exec(line)?.[1] ?? []);
      assert.deepEqual(heard, [...counted, 'That was all.']);
      await claw.stop();
      assert.equal(claw.stderr, '');
    } finally {
      person.leave();
      await room.close();
    }
  });
});

function ircToml(port: number): string {
  return `[irc.net]
Server="127.0.0.1:${port}"
Nick="clay"
UseTLS=false
RemoteNickFormat="{NICK}"
MessageDelay=40

[[gateway]]
name="room"
enable=true
inout=[{account="irc.net",channel="#lab"},{account="api.clay",channel="api"}]
`;
}

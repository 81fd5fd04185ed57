import assert from 'node:assert/strict';
import { type TelegramPart, telegramText } from '../../telegram/index.ts';
import type { ConnectorSentence, ConnectorWorld } from './connector-world.ts';
import { longAnswer } from './long-answer.ts';

/** Of Telegram, whose limit all connectors share. */
const longestMessage = 4096;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What the claw says. */
export const speaking: readonly ConnectorSentence[] = [
  {
    name: 'an answer reaches the person as it was written, once, however often it is delivered',
    async run(create) {
      await using world = await create();
      await say(world, 'short', '**Done**: 3 < 4 & `a[1:100:2]` {USERID} :smile:');
      await say(world, 'short', '**Done**: 3 < 4 & `a[1:100:2]` {USERID} :smile:');
      await deliver(world, { text: '1 < 2 & :smile:', format: 'plain' }, 'plain');
      await world.until(async () => (await world.shown('friend')).length >= 2);
      const said = (await world.shown('friend')).map(({ text }) => text);
      assert.deepEqual(said, ['Done: 3 < 4 & a[1:100:2] {USERID} :smile:', '1 < 2 & :smile:']);
    },
  },
  {
    name: '16,000-character Markdown with tables and code: it arrives whole, in order and within the limits',
    async run(create) {
      await using world = await create();
      assert.ok(longAnswer().length >= 16_000);
      const parts = await say(world, 'long', longAnswer());
      await world.until(async () => (await world.shown('friend')).length >= parts.length);
      const said = (await world.shown('friend')).map(({ text }) => text.trimEnd());
      assert.deepEqual(
        said,
        parts.map((part) => telegramText(part).trimEnd()),
      );
      assert.ok(said.every((text) => text.length <= longestMessage));
    },
  },
  {
    name: 'right-to-left and emoji sequences at a limit: none is cut in two',
    async run(create) {
      await using world = await create();
      const [family, flag, arabic] = ['👩‍👩‍👧‍👦', '🇩🇪', 'مَرْحَبًا'];
      const text = `${'\u2067'}${`${family}${flag}${arabic}`.repeat(500)}${'\u2069'}`;
      const parts = await say(world, 'emoji', text);
      assert.ok(parts.length > 2);
      await world.until(async () => (await world.shown('friend')).length >= parts.length);
      const said = (await world.shown('friend')).map((message) => message.text.trim());
      for (const one of said) assert.ok(one.isWellFormed() && one.length <= longestMessage);
      const count = (units: readonly string[]) =>
        Map.groupBy(
          units.flatMap((one) => [...graphemes.segment(one)]),
          ({ segment }) => segment,
        );
      const [was, is] = [count([text]), count(said)];
      for (const [grapheme, all] of was) assert.equal(is.get(grapheme)?.length, all.length, JSON.stringify(grapheme));
      assert.equal(is.size, was.size, 'there is nothing that was not there');
    },
  },
  {
    name: 'a file goes out with its caption, once for each key',
    async run(create) {
      await using world = await create();
      const base64 = Buffer.from('some bytes').toString('base64');
      const file = {
        chat: world.chat,
        name: 'a.pdf',
        mediaType: 'application/pdf',
        base64,
        caption: '1 < 2',
        key: 'file/1',
      };
      await world.host.call(`service:${world.channel}.file`, file, { key: 'one' });
      await world.host.call(`service:${world.channel}.file`, file, { key: 'two' });
      await world.until(async () => (await world.shown('friend')).length > 0);
      const shown = await world.shown('friend');
      assert.deepEqual(
        shown.map(({ text, file: sent }) => [text, sent?.name, sent && Buffer.from(sent.bytes).toString()]),
        [['1 < 2', 'a.pdf', 'some bytes']],
      );
    },
  },
  {
    name: 'a file too large for the chat is refused with both sizes, and nothing is sent',
    async run(create) {
      await using world = await create();
      const base64 = Buffer.alloc(6_100_000).toString('base64');
      const file = { chat: world.chat, name: 'film.mp4', mediaType: 'video/mp4', base64, caption: '', key: 'large/1' };
      const sent = world.host.call(`service:${world.channel}.file`, file);
      await assert.rejects(sent, { code: 'TOO_LARGE', message: /film\.mp4 has 6\.1 MB.*6\.0 MB/ });
      assert.deepEqual(await world.shown('friend'), []);
    },
  },
  ...([429, 500] as const).map((status) => ({
    name: `${status} from the chat side: it is an error that says "again", and the next try brings the words once`,
    needs: 'faults' as const,
    async run(create: Parameters<ConnectorSentence['run']>[0]) {
      await using world = await create();
      world.refuse(status);
      await assert.rejects(deliver(world, { text: 'content', format: 'html' }, 'm1/1', 'first'), {
        code: 'UNAVAILABLE',
      });
      await deliver(world, { text: 'content', format: 'html' }, 'm1/1', 'second');
      await world.until(async () => (await world.shown('friend')).length > 0);
      assert.deepEqual(
        (await world.shown('friend')).map(({ text }) => text),
        ['content'],
      );
    },
  })),
];

/** As the host does: rendered by the connector, one part after the other. */
async function say(world: ConnectorWorld, key: string, markdown: string): Promise<readonly TelegramPart[]> {
  const { parts } = (await world.host.call(`service:${world.channel}.render`, { text: markdown })) as unknown as {
    readonly parts: readonly TelegramPart[];
  };
  for (const [index, part] of parts.entries()) await deliver(world, part, `${key}/${index + 1}`);
  return parts;
}

async function deliver(world: ConnectorWorld, part: TelegramPart, key: string, call = key): Promise<void> {
  await world.host.call(`channel:${world.channel}`, { to: world.chat, ...part, key }, { key: call });
}

import assert from 'node:assert/strict';
import { ClayError } from '../../errors.ts';
import type { ConnectorSentence } from './connector-world.ts';

const picture = { name: 'cat.png', mediaType: 'image/png', bytes: new TextEncoder().encode('a small picture') };

/** What people say. */
export const hearing: readonly ConnectorSentence[] = [
  {
    name: 'a person is heard with their words, their chat and a key',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'friend', text: 'hello 😄 <b> & *c*' });
      await world.say({ who: 'friend', text: 'hello 😄 <b> & *c*' });
      await world.until(() => world.inbox.taken.length === 2);
      const [first, second] = world.inbox.taken;
      const { channel, chat } = world;
      assert.partialDeepStrictEqual(first, { channel, chat, text: 'hello 😄 <b> & *c*', isGroup: false });
      assert.notEqual(second!.key, first!.key, 'the same words again are another message');
      assert.equal(second!.user, first!.user);
    },
  },
  {
    name: 'same message twice: what the chat service brings again has the same key',
    needs: 'repeat',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'friend', text: 'once' });
      await world.repeat();
      await world.until(() => world.inbox.taken.length === 2);
      const [first, second] = world.inbox.taken;
      assert.equal(second!.key, first!.key);
    },
  },
  {
    name: 'edited message: it is told apart from words',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'friend', text: 'at seven' });
      await world.say({ who: 'friend', text: 'at eight', isEdit: true });
      await world.say({ who: 'friend', text: 'at nine (edited)' });
      await world.until(() => world.inbox.taken.length === 3);
      const [, edit, words] = world.inbox.texts;
      assert.match(edit!, /edited.*at eight$/s);
      assert.equal(words, 'at nine (edited)');
      assert.equal(new Set(world.inbox.taken.map(({ key }) => key)).size, 3);
    },
  },
  {
    name: 'a reply comes with what it answers, and who said that',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'friend', text: 'yes', quote: { name: 'Bo', text: 'shall we?' } });
      await world.until(() => world.inbox.taken.length === 1);
      assert.match(world.inbox.texts[0]!, /Bo.*shall we\?.*\nyes$/s);
    },
  },
  {
    name: 'a file comes with its bytes, its type and the words below it',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'friend', text: 'look', file: picture });
      await world.until(() => world.inbox.taken.length === 1);
      assert.equal(world.inbox.texts[0], 'look');
      const [file, ...more] = world.inbox.taken[0]!.attachments as { mediaType: string; base64: string }[];
      assert.deepEqual(
        [file!.mediaType, Buffer.from(file!.base64, 'base64').toString()],
        ['image/png', 'a small picture'],
      );
      assert.deepEqual(more, []);
    },
  },
  {
    name: 'attachment too large: it is told in words with both sizes, and the words beside it are heard',
    needs: 'options',
    async run(create) {
      await using world = await create({ attachmentBytes: 200_000 });
      const file = { name: 'film.png', mediaType: 'image/png', bytes: new Uint8Array(300_000) };
      await world.say({ who: 'friend', text: 'look', file });
      await world.until(() => world.inbox.taken.length === 1);
      assert.match(world.inbox.texts[0]!, /^look\n.*film\.png.*0\.3 MB.*0\.2 MB/s);
      assert.deepEqual(world.inbox.taken[0]!.attachments, []);
    },
  },
  {
    name: 'empty text: nothing is nothing',
    async run(create) {
      await using world = await create();
      for (const text of ['', ' \n', 'after']) await world.say({ who: 'friend', text });
      await world.until(() => world.inbox.texts.includes('after'));
      assert.deepEqual(world.inbox.texts, ['after']);
    },
  },
  {
    name: 'a message that the host cannot take yet is handed in again, and the next waits behind it',
    async run(create) {
      await using world = await create();
      world.inbox.failures.push(
        new ClayError('UNAVAILABLE', 'The disk is full.'),
        new ClayError('TIMEOUT', 'Too slow.'),
      );
      await world.say({ who: 'friend', text: 'first' });
      await world.say({ who: 'friend', text: 'second' });
      await world.until(() => world.inbox.taken.length === 2);
      assert.deepEqual(world.inbox.texts, ['first', 'second']);
    },
  },
];

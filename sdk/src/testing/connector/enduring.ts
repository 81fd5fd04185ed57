import assert from 'node:assert/strict';
import type { ConnectorSentence } from './connector-world.ts';

/** What breaks, and who takes over. */
export const enduring: readonly ConnectorSentence[] = [
  {
    name: 'connector process dies and comes back: people are heard and answered again, and nobody does anything',
    needs: 'faults',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'friend', text: 'one' });
      await world.until(() => world.inbox.taken.length === 1);
      await world.fall();
      const part = { to: world.chat, text: 'hi', format: 'plain', key: 'm1/1' };
      await assert.rejects(world.host.call(`channel:${world.channel}`, part, { key: 'first' }), {
        code: 'UNAVAILABLE',
      });
      await world.host.advance(60_000);
      await world.rise();
      await world.say({ who: 'friend', text: 'two' });
      await world.until(() => world.inbox.texts.includes('two'));
      await world.host.call(`channel:${world.channel}`, part, { key: 'second' });
      await world.until(async () => (await world.shown('friend')).length > 0);
      assert.deepEqual([world.inbox.texts, world.readers], [['one', 'two'], 1]);
    },
  },
  {
    name: 'stream cut in the middle of a line: no half message is heard, and what follows is whole',
    needs: 'faults',
    async run(create) {
      await using world = await create();
      await world.cut('half a sentence');
      await world.say({ who: 'friend', text: 'whole' });
      await world.until(() => world.inbox.texts.includes('whole'));
      // Where the chat service brings again what nobody confirmed, the sentence is heard too, and as a whole.
      assert.deepEqual(
        world.inbox.texts.filter((text) => text !== 'half a sentence'),
        ['whole'],
      );
    },
  },
  {
    name: 'backlog after a reconnect: what was said while nobody read comes in order, and once',
    needs: 'faults',
    async run(create) {
      await using world = await create();
      await world.halt();
      const told = Array.from({ length: 20 }, (_, index) => `line ${index}`);
      for (const text of told) await world.say({ who: 'friend', text });
      await world.start();
      await world.until(() => world.inbox.texts.includes('line 19'));
      assert.deepEqual(world.inbox.texts, told);
    },
  },
  {
    name: 'two generations never read one stream: the old one lets go before the next reads, and nothing is lost between',
    needs: 'faults',
    async run(create) {
      await using world = await create();
      await world.until(() => world.readers === 1);
      for (let round = 0; round < 5; round++) {
        await world.say({ who: 'friend', text: `before ${round}` });
        await world.until(() => world.inbox.texts.includes(`before ${round}`));
        await world.halt();
        assert.equal(world.readers, 0);
        await world.say({ who: 'friend', text: `between ${round}` });
        await world.start();
        await world.until(() => world.readers === 1 && world.inbox.texts.includes(`between ${round}`));
      }
      assert.equal(world.clashes, 0);
      assert.equal(new Set(world.inbox.texts).size, 10);
      assert.equal(new Set(world.inbox.taken.map(({ key }) => key)).size, 10);
    },
  },
  {
    name: 'a generation that ends has handed in what it had read, or leaves it to the next',
    needs: 'faults',
    async run(create) {
      await using world = await create();
      const release = world.inbox.hold();
      await world.say({ who: 'friend', text: 'in hand' });
      await world.until(() => world.inbox.waiting === 1);
      const underWay = world.halt().then(() => world.inbox.waiting);
      for (let turn = 0; turn < 100; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      release();
      assert.equal(await underWay, 0);
      await world.start();
      await world.until(() => world.inbox.texts.includes('in hand'));
      assert.equal(new Set(world.inbox.taken.map(({ key }) => key)).size, 1);
    },
  },
];

import assert from 'node:assert/strict';
import type { ConnectorSentence } from './connector-world.ts';

/** Who may talk to the claw. */
export const access: readonly ConnectorSentence[] = [
  {
    name: 'message from someone not allowed: one polite line, and no turn',
    async run(create) {
      await using world = await create();
      for (const text of ['let me in', 'please', 'why not?']) await world.say({ who: 'stranger', text });
      await world.say({ who: 'friend', text: 'after' });
      await world.until(() => world.inbox.texts.includes('after'));
      await world.until(async () => (await world.shown('stranger')).length > 0);
      const [line, ...more] = await world.shown('stranger');
      assert.match(line!.text, /^Hello! I am a personal assistant/);
      assert.deepEqual([world.inbox.texts, more], [['after'], []]);
    },
  },
  {
    name: 'a name that imitates the bot, or the friend: nobody is let in by it, and nobody is kept out',
    async run(create) {
      await using world = await create();
      await world.say({ who: 'stranger', name: 'Ada', text: 'it is me' });
      await world.say({ who: 'friend', name: 'Clay', text: 'boo' });
      await world.until(() => world.inbox.taken.length > 0);
      assert.deepEqual(world.inbox.texts, ['boo']);
    },
  },
  {
    name: 'what the claw said itself is not heard when somebody brings it back, and a person who says the same is',
    needs: 'echo',
    async run(create) {
      await using world = await create();
      await world.echo('The answer is forty-two.');
      await world.say({ who: 'friend', text: 'The answer is forty-two.' });
      await world.until(() => world.inbox.taken.length > 0);
      assert.deepEqual(world.inbox.texts, ['The answer is forty-two.']);
      assert.equal(world.inbox.taken[0]!.chat, world.chat);
    },
  },
  {
    name: 'pairing: a code that the operator sees lets one person in, once, and a wrong one nobody',
    needs: 'options',
    async run(create) {
      await using world = await create({ isNobodyNamed: true });
      const codeOf = () => world.host.logs.find(({ event }) => event === `${world.channel}.pairing`)?.fields?.code;
      await world.until(() => codeOf() !== undefined);
      const code = String(codeOf());
      await world.say({ who: 'stranger', text: 'ABCDEFGH' });
      await world.say({ who: 'stranger', text: code.toLowerCase() });
      await world.say({ who: 'other', text: code });
      await world.say({ who: 'stranger', text: 'hello' });
      await world.until(() => world.inbox.taken.length > 0);
      assert.deepEqual(world.inbox.texts, ['hello']);
      const said = (await world.shown('stranger')).map(({ text }) => text);
      assert.ok(said.some((text) => text.startsWith('We are paired')));
      await world.halt();
      await world.start();
      await world.say({ who: 'stranger', text: 'still here?' });
      await world.until(() => world.inbox.taken.length > 1);
      assert.equal(codeOf(), undefined, 'somebody is in: no code is offered');
      const next = /\b[A-Z2-9]{8}\b/.exec(await world.host.command('pair'))?.[0];
      await world.say({ who: 'other', text: String(next) });
      await world.say({ who: 'other', text: 'me too' });
      await world.until(() => world.inbox.texts.includes('me too'));
    },
  },
];

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definePlugin } from '../define-plugin.ts';
import { createTestHost } from '../testing/test-host.ts';
import { Pairing } from './pairing.ts';

async function createPairing() {
  const made = Promise.withResolvers<Pairing>();
  const plugin = definePlugin({
    name: 'chat',
    setup: (ctx) => ctx.onLive(() => made.resolve(new Pairing(ctx.store, ctx.clock))),
  });
  const host = await createTestHost(plugin);
  return { pairing: await made.promise, host, [Symbol.asyncDispose]: () => host.stop() };
}

test('a code lets one person in, once, however it is typed', async () => {
  await using setting = await createPairing();
  const { pairing } = setting;
  const code = pairing.issue();
  assert.match(code, /^[A-HJKMNP-Z2-9]{8}$/);
  assert.equal(await pairing.redeem('ada', ` /start ${code.toLowerCase()}\n`), true);
  assert.equal(await pairing.redeem('eve', code), false);
  assert.deepEqual(await pairing.paired(), ['ada']);
});

test('a code ends with its time, with the next one, and after ten wrong ones', async () => {
  await using setting = await createPairing();
  const { pairing, host } = setting;
  const old = pairing.issue();
  const code = pairing.issue();
  assert.equal(await pairing.redeem('ada', old), false);
  await host.advance(15 * 60_000 + 1);
  assert.equal(await pairing.redeem('ada', code), false);
  const guessed = pairing.issue();
  for (let tries = 0; tries < 10; tries++) await pairing.redeem('eve', 'ABCDEFGH');
  assert.equal(await pairing.redeem('ada', guessed), false);
  assert.deepEqual(await pairing.paired(), []);
});

test('words that are no code are no tries', async () => {
  await using setting = await createPairing();
  const { pairing } = setting;
  const code = pairing.issue();
  for (let tries = 0; tries < 20; tries++) await pairing.redeem('eve', 'please let me in');
  assert.equal(await pairing.redeem('ada', code), true);
});

test('a stranger is greeted once a day, and a crowd is not', async () => {
  await using setting = await createPairing();
  const { pairing, host } = setting;
  assert.deepEqual([await pairing.mayGreet('eve'), await pairing.mayGreet('eve')], [true, false]);
  for (let one = 1; one < 1000; one++) assert.equal(await pairing.mayGreet(`bot ${one}`), true);
  assert.equal(await pairing.mayGreet('bo'), false);
  await host.advance(24 * 3_600_000);
  assert.equal(await pairing.mayGreet('eve'), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ProofClaw, startProofClaw } from '../proof/testing/proof-claw.ts';
import { createVolume, saying, shippedSaying, type Volume } from './testing/volume.ts';

const limit = { timeout: 60_000 };

async function start(volume: Volume): Promise<ProofClaw> {
  const claw = await startProofClaw({ root: volume.root, shipped: [shippedSaying('greeter', 'shipped')] });
  await claw.deployments.start();
  return claw;
}

/** Stops the watching before the host, as the claw does. */
async function stop(claw: ProofClaw): Promise<void> {
  await claw.deployments.close();
  await claw.stop();
}

test('a saved plugin serves, saved again it is the next generation, and deleted it is gone', limit, async (t) => {
  using volume = createVolume({ watchPlugins: true });
  const claw = await start(volume);
  const saved = performance.now();
  volume.write({ 'data/plugins/rates.ts': saying('rates', 'one') });
  await claw.untilNews(({ plugin, state }) => plugin === 'rates' && state === 'probation');
  t.diagnostic(
    `from the save to the first call ${Math.round(performance.now() - saved)} ms, of which 150 to stand still`,
  );
  assert.equal(await claw.call('rates'), 'one');
  volume.write({ 'data/plugins/rates.ts': saying('rates', 'two') });
  await claw.untilNews(
    ({ plugin, generation, state }) => plugin === 'rates' && generation === 2 && state === 'probation',
  );
  assert.equal(await claw.call('rates'), 'two');
  volume.remove('data/plugins/rates.ts');
  await claw.reached('rates', 2, 'stopped');
  await assert.rejects(claw.call('rates'), { code: 'CAPABILITY_UNKNOWN' });
  await stop(claw);
});

test('a save that does not build leaves what serves, and stands in the log of failures', limit, async () => {
  using volume = createVolume({ watchPlugins: true });
  volume.write({ 'data/plugins/rates.ts': saying('rates', 'one') });
  const first = await start(volume);
  await first.reached('rates', 1, 'committed');
  await stop(first);
  volume.write({ 'data/plugins/rates.ts': 'export default {' });
  const claw = await start(volume);
  assert.match(claw.failures('rates', null)[0]?.text ?? '', /rates\.ts:1:\d+: error SYNTAX/);
  await claw.kernel.settled();
  assert.equal(await claw.call('rates'), 'one');
  await stop(claw);
});

test('the deleted override of what ships brings that back', limit, async () => {
  using volume = createVolume({ watchPlugins: true });
  volume.write({ 'data/plugins/greeter.ts': saying('greeter', 'mine') });
  const claw = await start(volume);
  await claw.reached('greeter', 1, 'committed');
  assert.equal(await claw.call('greeter'), 'mine');
  volume.remove('data/plugins/greeter.ts');
  await claw.reached('greeter', 0, 'committed');
  assert.equal(await claw.call('greeter'), 'shipped');
  await stop(claw);
});

test('who does not ask for it is not watched', limit, async () => {
  using volume = createVolume();
  volume.write({ 'data/plugins/rates.ts': saying('rates', 'one') });
  const claw = await start(volume);
  assert.equal(claw.deployments.deployer.onlyChanged(), 'rates');
  assert.ok(!claw.medic.generations().some(({ plugin }) => plugin === 'rates'));
  await stop(claw);
});

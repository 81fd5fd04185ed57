import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json, JsonObject } from '@clay/sdk';
import type { Question } from '../../agent/agent-host.ts';
import { type ProofClaw, startProofClaw } from '../proof/testing/proof-claw.ts';
import { hostServices } from './host-services.ts';
import { createVolume, saying, shippedSaying } from './testing/volume.ts';

const limit = { timeout: 60_000 };
const volume = createVolume();
const questions: Question[] = [];
let claw: ProofClaw;

before(async () => {
  claw = await startProofClaw({ root: volume.root, shipped: [shippedSaying('greeter', 'shipped')] });
  const ask = async (question: Question) => {
    questions.push(question);
    return 'an answer';
  };
  claw.kernel.provide(hostServices({ deployments: claw.deployments, kernel: claw.kernel, ask }));
});
after(async () => {
  await claw[Symbol.asyncDispose]();
  volume[Symbol.dispose]();
});

const session = { app: 'clay', user: 'me', id: 'one', turn: 't' };
const use = (name: string, args: JsonObject = {}) =>
  claw.kernel.router.call({ capability: `service:${name}`, args, caller: 'plugin:build-and-deploy', session });
const listed = async (name: string) => ((await use('plugins.list')) as JsonObject[]).find((one) => one.name === name);
const prompt = (name: string, of: typeof session) =>
  claw.kernel.router.call({ capability: `prompt:${name}`, args: {}, caller: 'host', session: of });

test(
  'sources are checked and deployed by name, or the ones that have changed; the list tells what is to do',
  limit,
  async () => {
    await assert.rejects(use('plugins.deploy', { reason: 'x' }), {
      code: 'BAD_ARGUMENTS',
      message: /No plugin .* has changed/,
    });
    volume.write({ 'data/plugins/rates.ts': saying('rates', 'one') });
    assert.deepEqual(await listed('rates'), {
      name: 'rates',
      description: '',
      origin: 'volume',
      state: 'undeployed',
      generation: null,
      generations: [],
      isChanged: true,
      lastError: null,
    });
    assert.equal(((await use('plugins.check')) as JsonObject).plugin, 'rates');
    const { plugin, generation, state, problem } = (await use('plugins.deploy', { reason: 'the first' })) as JsonObject;
    assert.deepEqual(
      { plugin, generation, state, problem },
      { plugin: 'rates', generation: 1, state: 'probation', problem: null },
    );
    await claw.reached('rates', 1, 'committed');
    const { generations, ...rest } = (await listed('rates')) as JsonObject & { readonly generations: JsonObject[] };
    assert.deepEqual(
      { generation: rest.generation, isChanged: rest.isChanged, origin: rest.origin },
      { generation: 1, isChanged: false, origin: 'volume' },
    );
    assert.equal(generations.length, 1);
  },
);

test('the conversation that asked for a deploy hears of the verdict, and no other does', limit, async () => {
  volume.write({ 'data/plugins/heard.ts': saying('heard', 'one') });
  await use('plugins.deploy', { name: 'heard', reason: 'x' });
  await claw.reached('heard', 1, 'committed');
  assert.equal(await prompt('verdicts', { ...session, id: 'two' }), null);
  assert.match(String(await prompt('verdicts', session)), /Generation 1 of "heard" has passed its probation/);
  assert.equal(await prompt('verdicts', session), null);
});

test('a rollback names its plugin, and what is not possible is told', limit, async () => {
  volume.write({ 'data/plugins/greeter/index.ts': saying('greeter', 'mine') });
  await use('plugins.deploy', { name: 'greeter', reason: 'mine' });
  await claw.reached('greeter', 1, 'committed');
  await assert.rejects(use('plugins.rollback', { name: 'greeter', to: 7 }), { code: 'CONFLICT', message: /7/ });
  assert.equal(((await use('plugins.rollback', { name: 'greeter', to: 0 })) as JsonObject).generation, 0);
  assert.equal(await claw.call('greeter'), 'shipped');
});

const wrong: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['plugins.check', { name: 5 }, /name/],
  ['plugins.check', { name: 'nowhere' }, /data\/plugins\/nowhere/],
  ['plugins.check', { nam: 'x' }, /nam/],
  ['plugins.deploy', { name: 'Bad Name', reason: 'x' }, /"Bad Name" is no name of a plugin/],
  ['plugins.deploy', { name: 'x', reason: 5 }, /reason/],
  ['plugins.rollback', {}, /Name the plugin to take back/],
  ['plugins.rollback', { name: 'nowhere' }, /There is no plugin "nowhere"; there are /],
  ['plugins.rollback', { name: 'greeter', to: -1 }, /to/],
  ['plugins.rollback', { name: 'greeter', to: 1.5 }, /to/],
  ['plugins.source', { path: '../data/token' }, /There is no source "\.\.\/data\/token"/],
  ['plugins.source', { path: 5 }, /path/],
  ['plugins.list', { all: true }, /all/],
  ['llm.ask', {}, /llm\.ask: the prompt is empty/],
  ['llm.ask', { prompt: '  ' }, /llm\.ask: the prompt is empty/],
  ['llm.ask', { prompt: 'x', maxTokens: 0 }, /maxTokens/],
];
for (const [name, args, message] of wrong) {
  test(`${name} with ${JSON.stringify(args)} is told what is wrong with it`, async () => {
    const error = await use(name, args).then(
      (value: Json) => assert.fail(JSON.stringify(value)),
      (thrown) => thrown,
    );
    assert.match(error.code, /^(BAD_ARGUMENTS|NOT_FOUND)$/);
    assert.match(error.message, message);
  });
}

test('a question goes to the model in the name of the plugin, and within its conversation', async () => {
  assert.deepEqual(await use('llm.ask', { prompt: 'Why?', system: 'Be brief.', maxTokens: 10 }), { text: 'an answer' });
  assert.deepEqual(questions, [
    { prompt: 'Why?', plugin: 'build-and-deploy', session, system: 'Be brief.', maxTokens: 10 },
  ]);
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FakeBotApi } from '../plugins/telegram/testing/fake-bot-api.ts';
import type { AnthropicRequest } from './agent/testing/anthropic-rules.ts';
import type { ScriptedAnswer, ScriptedMessage } from './agent/testing/anthropic-script.ts';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { SupervisedClaw } from './testing/chats/supervised-claw.ts';
import { openTelegramWorld } from './testing/chats/telegram-world.ts';
import { startClaw } from './testing/claw.ts';
import { clay } from './testing/clay.ts';

const root = mkdtempSync(join(tmpdir(), 'clay-loops-'));
after(() => rmSync(root, { recursive: true, force: true }));

const provider = await startAnthropicServer();
after(() => provider.close());

const dice = `import { definePlugin } from '@clay/sdk';

export default definePlugin({
  name: 'dice',
  setup(ctx) {
    ctx.tool({
      name: 'roll_six',
      description: 'Rolls a die that always shows six.',
      run: () => ({ rolled: 6 }),
    });
  },
});
`;
const diceTest = (rolled: number) => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHost } from '@clay/sdk/testing';
import dice from './index.ts';

test('it rolls', async () => {
  await using claw = await createTestHost(dice);
  assert.deepEqual(await claw.tool('roll_six'), { rolled: ${rolled} });
});
`;

const call = (name: string, input: object): ScriptedMessage => ({ calls: [{ name, input }] });
const signal = (name: string, why: string) => call('loop_signal', { signal: name, why });

type Step = (request: AnthropicRequest) => ScriptedMessage;

/** Answers each agent by its own steps, in order. */
function play(steps: Record<string, Step[]>): void {
  provider.script((request) => {
    const name = /Your name is (\w+)\./.exec(JSON.stringify(request.system))?.[1] ?? 'clay';
    const step = steps[name]?.shift();
    if (step === undefined) return { text: `${name} has no more lines` };
    return step(request);
  });
}

/** All that the agent is sent now, results of its calls with it. */
const sent = ({ messages }: AnthropicRequest) => JSON.stringify(messages);

test('a build_loop makes and deploys a plugin with its test, writes its manual, and the person gets one report', async () => {
  await using _claw = await startClaw({ ANTHROPIC_API_KEY: 'key', ANTHROPIC_API_BASE: provider.url }, root);
  const folder = 'data/plugins/dice';
  play({
    clay: [
      () => call('delegate', { agent: 'build_loop', task: 'Make a plugin with a die that always shows six.' }),
      (request) => {
        assert.match(sent(request), /outcome\\*":\\*"done/);
        assert.match(sent(request), /data\/ops\/MANUAL\.md/);
        return call('read', { path: 'data/ops/MANUAL.md' });
      },
      (request) => {
        assert.match(sent(request), /roll_six rolls a six/);
        return call('roll_six', {});
      },
      (request) => {
        assert.match(sent(request), /rolled\\*":\\*6/);
        return { text: 'The die is there: roll_six shows a six.' };
      },
    ],
    generator: [
      () => ({
        calls: [
          { name: 'write', input: { path: `${folder}/index.ts`, content: dice } },
          { name: 'write', input: { path: `${folder}/index.test.ts`, content: diceTest(5) } },
        ],
      }),
      () => call('build_and_deploy', { name: 'dice', reason: 'the task' }),
      (request) => {
        assert.match(sent(request), /it rolls/, 'the test that failed is told');
        return call('write', { path: `${folder}/index.test.ts`, content: diceTest(6) });
      },
      () => call('build_and_deploy', { name: 'dice', reason: 'its test was wrong' }),
      (request) => {
        assert.match(sent(request), /on probation/);
        return { text: 'Deployed.' };
      },
      (request) => {
        assert.match(sent(request), /Signal: continue\. The manual is missing\./);
        return call('write', { path: 'data/ops/MANUAL.md', content: '# Dice\nroll_six rolls a six.\n' });
      },
      () => ({ text: 'The manual is written.' }),
    ],
    build_reviewer: [
      () => signal('done', 'It works.'),
      (request) => {
        assert.match(sent(request), /Not done yet\. data\/ops\/MANUAL\.md is not there, or empty\./);
        return signal('continue', 'The manual is missing.');
      },
      () => call('read', { path: 'data/ops/MANUAL.md' }),
      () => signal('done', 'Plugin, test and manual are there.'),
    ],
  });
  const { code, stdout, stderr } = await clay(root, ['chat', 'Make me a die that always shows six.']);
  assert.equal(code, 0, stderr + stdout);
  assert.match(stdout, /The die is there: roll_six shows a six\./);
  assert.ok(existsSync(join(root, folder, 'index.test.ts')));
  assert.match(readFileSync(join(root, 'data', 'ops', 'MANUAL.md'), 'utf8'), /Dice/);
  assert.deepEqual(provider.violations, []);
});

const ann = { id: 5001, first_name: 'Ann' };

test('a claw that is stopped and started in the middle of a loop goes on with it, and its person hears one answer', {
  timeout: 120_000,
}, async () => {
  const fake = new FakeBotApi();
  await using world = await openTelegramWorld({ connector: 'telegram', fake });
  const asked: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()];
  let times = 0;
  const research = (): ScriptedAnswer => {
    asked[times]?.resolve();
    return { text: 'A mill works six hours.', ...(times++ === 0 && { hangAfter: 3 }) };
  };
  provider.script((request) => {
    const name = /Your name is (\w+)\./.exec(JSON.stringify(request.system))?.[1];
    if (name === 'researcher') return research();
    if (name === 'research_reviewer') return signal('done', 'It is answered.');
    const text = sent(request);
    if (text.includes('It is answered.')) return { text: 'Six hours.' };
    return text.includes('tide mills') ? call('delegate', { agent: 'research_loop', task: 'Mills.' }) : { text: 'Hm.' };
  });
  await using claw = new SupervisedClaw(
    { plugins: { ...world.plugins }, limits: { drainMs: 0 } },
    {
      ...world.environment,
      TELEGRAM_CHAT_ID: String(ann.id),
      TELEGRAM_ALLOWED_USERS: String(ann.id),
      ANTHROPIC_API_KEY: 'a-key-of-this-test',
      ANTHROPIC_API_BASE: provider.url,
    },
  );
  claw.start();
  fake.say({ from: ann, text: 'How long do tide mills work?' });
  await asked[0]!.promise;
  await claw.stop();
  claw.start();
  await asked[1]!.promise;
  const texts = () => fake.said(ann.id).map(({ text }) => text);
  await fake.until(() => texts().some((text) => text.includes('Six hours.')));
  assert.equal(texts().filter((text) => text.includes('Six hours.')).length, 1);
  assert.ok(!texts().some((text) => /stopp/.test(text)), texts().join('\n'));
  assert.equal(times, 2);
  await claw.stop();
});

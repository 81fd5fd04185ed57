import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { startClaw } from './testing/claw.ts';
import { clay } from './testing/clay.ts';

/** The whole claw with a provider that speaks real Anthropic streams to the official SDK. */
const root = mkdtempSync(join(tmpdir(), 'clay-model-'));
after(() => rmSync(root, { recursive: true, force: true }));

const provider = await startAnthropicServer();
after(() => provider.close());

const environment = {
  ANTHROPIC_API_KEY: 'a-key-of-this-test',
  ANTHROPIC_API_BASE: provider.url,
  CLAY_THINKING_TOKENS: '2000',
};

async function chat(text: string): Promise<string> {
  const { code, stdout, stderr } = await clay(root, ['chat', '--json', text]);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}

test('two tools called side by side behind a thinking block, and the thought goes back with its signature', async () => {
  await using _ = await startClaw(environment, root);
  provider.script([
    {
      thinking: { text: 'Store it and add a task.', signature: 'c2lnbmVk' },
      text: 'I note that.',
      calls: [
        { id: 'toolu_a', name: 'memory', input: { action: 'store', content: 'The boiler is serviced in May.' } },
        { id: 'toolu_b', name: 'tasks', input: { action: 'add', title: 'Call the plumber' } },
      ],
    },
    { text: 'Both are done.' },
  ]);
  assert.match(await chat('Remember the boiler, and remind me of the plumber.'), /Both are done\./);
  const [assistant, results] = provider.requests.at(-1)!.body.messages.slice(-2);
  const thought = { type: 'thinking', thinking: 'Store it and add a task.', signature: 'c2lnbmVk' };
  assert.deepEqual(blocksOf(assistant)[0], thought);
  assert.deepEqual(
    blocksOf(results)
      .filter(({ type }) => type === 'tool_result')
      .map((block) => block.tool_use_id),
    ['toolu_a', 'toolu_b'],
  );
  assert.deepEqual(provider.violations, []);
});

test('a stream that is cut before any tool ran is asked for again, and the person sees one whole answer', async () => {
  await using _ = await startClaw(environment, root);
  provider.script([{ text: 'The boiler is serv', cutAfter: 4 }, { text: 'The boiler is serviced in May.' }]);
  assert.match(await chat('When is the boiler serviced?'), /The boiler is serviced in May\./);
  assert.deepEqual(provider.violations, []);
});

test('the conversation goes on after a restart, with everything that was said in it', async () => {
  await using _ = await startClaw(environment, root);
  provider.script([{ text: 'About the plumber.' }]);
  await chat('What did I ask you first?');
  const history = JSON.stringify(provider.requests.at(-1)!.body.messages);
  assert.match(history, /Remember the boiler/);
  assert.match(history, /serviced in May/);
  assert.deepEqual(provider.violations, []);
});

test('a key that is refused is told in plain words, and the key stands nowhere', async () => {
  await using _ = await startClaw(environment, root);
  provider.script([{ status: 401, type: 'authentication_error', message: 'invalid x-api-key' }]);
  const { code, stdout, stderr } = await clay(root, ['chat', 'hello']);
  assert.equal(code, 1);
  assert.match(stdout + stderr, /key/i);
  assert.doesNotMatch(stdout + stderr, /a-key-of-this-test/);
});

interface Block {
  readonly type: string;
  readonly tool_use_id?: string;
}

function blocksOf(message: { readonly content: unknown } | undefined): readonly Block[] {
  return Array.isArray(message?.content) ? (message.content as Block[]) : [];
}

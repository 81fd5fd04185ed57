import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fakeProgram } from '../plugins/claude/testing/fake-program.ts';
import type { AnthropicRequest } from './agent/testing/anthropic-rules.ts';
import type { ScriptedAnswer } from './agent/testing/anthropic-script.ts';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { findComponent } from './gateway/testing/component.ts';
import { type Server, startClaw } from './testing/claw.ts';
import { post } from './testing/http.ts';

/**
 * The whole claw with Claude Code as an agent of it: a person's message, the main model, the program, and the program's own
 * questions to the model by the claw's endpoint. One provider plays both models.
 */
const key = 'a-key-of-this-test';
const token = 'a-token-of-this-test-which-is-long-enough';
const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
const provider = await startAnthropicServer();
after(() => provider.close());

interface Event {
  readonly author?: string;
  readonly errorMessage?: string;
  readonly content?: { readonly parts?: readonly Part[] };
}

interface Part {
  readonly text?: string;
  readonly functionCall?: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
  readonly functionResponse?: { readonly name: string; readonly response: Readonly<Record<string, unknown>> };
}

/** What Claude Code is to be told, answer by answer; the main model gives it the task and repeats what it said. */
function play(task: string, answers: readonly ScriptedAnswer[]): void {
  let asked = 0;
  provider.script((request) => {
    if (!isMain(request)) return answers[asked++] ?? { text: 'Nothing more.' };
    const isAnswered = JSON.stringify(request.messages.at(-1)).includes('tool_result');
    if (isAnswered) return { text: 'The agent has answered.' };
    return { calls: [{ name: 'delegate', input: { agent: 'claude', task } }] };
  });
}

const isMain = ({ tools = [] }: AnthropicRequest) => tools.some(({ name }) => name === 'delegate');

async function say(claw: Server, text: string, sessionId = 's1'): Promise<readonly Event[]> {
  const session = `${claw.url}/apps/clay/users/ann/sessions/${sessionId}`;
  const known = await fetch(session, { headers });
  await known.arrayBuffer();
  if (known.status === 404) await post(session, {}, headers);
  const response = await fetch(`${claw.url}/run_sse`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      appName: 'clay',
      userId: 'ann',
      sessionId,
      streaming: true,
      newMessage: { role: 'user', parts: [{ text }] },
    }),
  });
  assert.equal(response.status, 200);
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  return lines.map((line) => JSON.parse(line.slice('data: '.length)) as Event);
}

const partsOf = (events: readonly Event[], author: string) =>
  events.filter((event) => event.author === author).flatMap(({ content }) => content?.parts ?? []);

const textOf = (events: readonly Event[], author: string) =>
  partsOf(events, author)
    .map(({ text }) => text ?? '')
    .join('');

/** What the agent handed back to the main model. */
function handedBack(events: readonly Event[]): Readonly<Record<string, unknown>> {
  const responses = partsOf(events, 'clay').flatMap(({ functionResponse }) => functionResponse ?? []);
  return responses.findLast(({ name }) => name === 'delegate')?.response ?? {};
}

const real = findComponent('claude', 'CLAUDE_BIN', 'claude');
const fakeRoot = mkdtempSync(join(tmpdir(), 'clay-fake-'));
after(() => rmSync(fakeRoot, { recursive: true, force: true }));
const programs: readonly [name: string, path: string | null][] = [
  ['a program that plays it', fakeProgram(fakeRoot)],
  ['the real Claude Code', real.path],
];

function claw(root: string, program: string, environment: Record<string, string> = {}): Promise<Server> {
  const model = { ANTHROPIC_API_KEY: key, ANTHROPIC_API_BASE: provider.url };
  return startClaw({ ...model, CLAUDE_BIN: program, CLAY_SHELL: 'on', CLAY_TOKEN: token, ...environment }, root);
}

function volume(): string {
  const root = mkdtempSync(join(tmpdir(), 'clay-claude-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

for (const [name, program] of programs) {
  const skip = program === null && 'CLAUDE_BIN not found';
  test(`${name} asks by the claw’s endpoint, and goes on after a restart of the claw`, { skip }, async () => {
    const root = volume();
    const before = provider.requests.length;
    {
      await using server = await claw(root, program ?? '');
      play('ask', [{ text: 'Said by the model.' }]);
      const events = await say(server, 'Let the coder ask.');
      assert.match(String(handedBack(events).answer), /Said by the model\./);
      assert.match(textOf(events, 'claude'), /Said by the model\./);
    }
    const own = provider.requests.slice(before).filter(({ body }) => !isMain(body));
    assert.ok(own.length > 0);
    for (const { headers: sent, body } of own) {
      assert.equal(sent['x-api-key'], key);
      assert.equal(sent.authorization, undefined);
      assert.equal(body.model, provider.requests[before]?.body.model);
    }
    // As the provider states them, call by call.
    assert.deepEqual(spentBy(root, 'endpoint'), { calls: own.length, input: 25 * own.length, output: 15 * own.length });
    {
      await using server = await claw(root, program ?? '');
      play('history', [{ text: 'Said again.' }]);
      const answer = String(handedBack(await say(server, 'And what was it?')).answer);
      assert.match(answer, program === real.path ? /Said again\./ : /history\. Before: ask\./);
    }
    assert.deepEqual(provider.violations, []);
    assertNowhere(root, key);
    if (program !== real.path) return;
    const last = provider.requests.findLast(({ body }) => !isMain(body));
    assert.match(JSON.stringify(last?.body.messages), /Said by the model\./);
  });
}

test('it runs as the second user where the operator names one', {
  skip: process.getuid?.() !== 0 && 'not root',
}, async () => {
  const root = volume();
  chmodSync(root, 0o755);
  chmodSync(fakeRoot, 0o755);
  await using server = await claw(root, fakeProgram(fakeRoot), { CLAY_SHELL_USER: '65534:65534' });
  play('user', []);
  assert.equal(handedBack(await say(server, 'Who are you?')).answer, 'I am 65534.');
  assert.equal(statSync(join(root, 'data', 'files', 'claude', 'work', 'mine.txt')).uid, 65534);
});

/** What the ledger says of an agent. */
function spentBy(root: string, agent: string): Record<string, unknown> {
  using database = new DatabaseSync(join(root, 'data', 'messages.db'), { readOnly: true });
  const sums = 'count(*) AS calls, sum(input_tokens) AS input, sum(output_tokens) AS output';
  return { ...database.prepare(`SELECT ${sums} FROM usage WHERE agent = ? AND plugin = 'claude'`).get(agent) };
}

/** A key that a program saw would lie in its settings, its conversations or our journal. */
function assertNowhere(root: string, secret: string): void {
  const found = execFileSync('sh', ['-c', 'grep -rlF -- "$1" "$2" || true', 'sh', secret, root], { encoding: 'utf8' });
  assert.equal(found, '');
}

describe('with the real Claude Code', { skip: real.path === null && 'CLAUDE_BIN not found' }, () => {
  const root = volume();
  const work = join(root, 'data', 'files', 'claude', 'work');
  let server: Server;
  before(async () => {
    writeFileSync(join(root, 'clay.json'), JSON.stringify({ plugins: { claude: { maxTurns: 4, retries: 0 } } }));
    server = await claw(root, real.path ?? '');
  });
  after(() => server.stop());
  afterEach(() => assert.deepEqual(provider.violations, []));

  test('it writes a program, runs it, and every step is seen', async () => {
    const file = join(work, 'sum.sh');
    const outside = join(root, 'outside.txt');
    play('Write sum.sh and run it.', [
      {
        text: 'I write it.',
        calls: [{ name: 'Edit', input: { file_path: file, old_string: '', new_string: 'echo $((2+2))\n' } }],
      },
      { calls: [{ name: 'Bash', input: { command: 'sh sum.sh', description: 'Run it' } }] },
      { calls: [{ name: 'Edit', input: { file_path: outside, old_string: '', new_string: 'x' } }] },
      { text: 'It prints 4.' },
    ]);
    const events = await say(server, 'Let the coder add.');
    assert.equal(readFileSync(file, 'utf8'), 'echo $((2+2))\n');
    const steps = partsOf(events, 'claude').flatMap(({ functionCall, functionResponse }) => [
      ...(functionCall ? [functionCall.name] : []),
      ...(functionResponse ? [JSON.stringify(functionResponse.response)] : []),
    ]);
    assert.deepEqual([steps[0], steps[2], steps[3], steps[4]], ['Edit', 'Bash', '{"output":"4"}', 'Edit']);
    assert.match(steps[5] ?? '', /error.*denied/);
    const answer = `It prints 4.\n\n(It was not allowed to: Edit: ${outside})`;
    assert.equal(handedBack(events).answer, answer);
    assert.equal(existsSync(outside), false);
  });

  test('it stops at its bound and says so, and goes on from there', async () => {
    const step = (command: string) => ({ text: `${command}.`, calls: [{ name: 'Bash', input: { command } }] });
    play('Do much.', ['true', 'pwd', 'ls', 'id', 'whoami', 'date'].map(step));
    const failed = handedBack(await say(server, 'Do much.', 's2'));
    assert.match(String(failed.error), /stopped after 4 steps \("maxTurns"\)/);
    play('Go on.', [{ text: 'Done now.' }]);
    assert.match(String(handedBack(await say(server, 'Go on.', 's2')).answer), /Done now\./);
    assert.match(JSON.stringify(provider.requests.findLast(({ body }) => !isMain(body))?.body.messages), /pwd/);
  });

  test('a provider that fails is told plainly', async () => {
    play('Try.', Array(5).fill({ status: 529, type: 'overloaded_error', message: 'too busy' }));
    const failed = handedBack(await say(server, 'Try.', 's3'));
    assert.match(String(failed.error), /its model failed: .*529.*too busy/);
  });

  test('what it runs ends when the person cancels', async () => {
    execFileSync('mkfifo', [join(work, 'started')]);
    const command = 'sleep 4711 & echo $! > started; wait';
    play('Sleep.', [{ calls: [{ name: 'Bash', input: { command } }] }]);
    const turn = say(server, 'Sleep.', 's4');
    const pid = Number(await readFile(join(work, 'started'), 'utf8'));
    assert.equal(isRunning(pid), true);
    await post(`${server.url}/apps/clay/users/ann/sessions/s4/cancel`, {}, headers);
    await turn;
    while (isRunning(pid)) await wait(20);
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

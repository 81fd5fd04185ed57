import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EventJson } from './event-json.ts';
import { told } from './testing/agent-fixture.ts';
import type { ScriptedAnswer } from './testing/anthropic-script.ts';
import { type AnthropicServer, startAnthropicServer } from './testing/anthropic-server.ts';

const script = join(import.meta.dirname, 'testing', 'killable-host.ts');

interface Resumed {
  readonly outcomes: readonly { readonly status: string; readonly text: string }[];
  readonly events: readonly EventJson[];
}

interface Killing {
  readonly server: AnthropicServer;
  readonly folder: string;
  /** Ends the host without a warning. */
  kill(): Promise<void>;
  /** Lines that the tool has left. */
  lines(): string[];
  /** Starts a new host on the same volume, to the end of what it found open. */
  resume(): Promise<Resumed>;
}

async function beginTurn(t: TestContext, answers: (child: () => ChildProcess) => ScriptedAnswer[]): Promise<Killing> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-kill-'));
  const server = await startAnthropicServer();
  const children: ChildProcess[] = [];
  const start = (...message: string[]) => {
    const child = spawn(process.execPath, [script, folder, server.url, ...message], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  t.after(async () => {
    for (const running of children) running.kill('SIGKILL');
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  server.script(answers(() => children[0]!));
  const child = start('count to two');
  const file = join(folder, 'lines.txt');
  return {
    server,
    folder,
    async kill() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
    lines: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []),
    async resume() {
      const next = start();
      let output = '';
      next.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
      await once(next, 'close');
      return JSON.parse(output) as Resumed;
    },
  };
}

const call = (line: string, wait = false) => ({ name: 'count', input: { line, ...(wait && { wait }) } });

/** Kills the host when the provider has sent this many events of an answer, and says so. */
function deadly(answer: ScriptedAnswer, after: number, child: () => ChildProcess, killed: () => void): ScriptedAnswer {
  return {
    ...answer,
    async beforeNext(sent: number) {
      if (sent !== after) return;
      const exit = once(child(), 'exit');
      child().kill('SIGKILL');
      await exit;
      killed();
    },
  } as ScriptedAnswer;
}

test('killed while the model speaks: the turn is run again, and the tool runs once', async (t) => {
  const killed = Promise.withResolvers<void>();
  const host = await beginTurn(t, (child) => [
    deadly({ text: 'Let me count.', calls: [call('one')] }, 4, child, killed.resolve),
  ]);
  await killed.promise;
  host.server.script([{ calls: [call('one')] }, { text: 'Counted.' }]);
  const { outcomes, events } = await host.resume();
  assert.deepEqual(outcomes, [{ status: 'done', text: 'Counted.' }]);
  assert.deepEqual(host.lines(), ['one']);
  assert.equal(events.filter(({ author }) => author === 'user').length, 1);
  assert.deepEqual(host.server.violations, []);
});

test('killed while a tool works: its outcome is unknown, the other one’s is known, and neither runs again', async (t) => {
  const host = await beginTurn(t, () => [{ calls: [call('one'), call('two', true)] }]);
  const isAnswered = () => existsSync(join(host.folder, 'answers.txt'));
  await until(host.folder, () => host.lines().includes('two') && isAnswered());
  await host.kill();
  host.server.script([{ text: 'One is counted, two I do not know.' }]);
  const { outcomes, events } = await host.resume();
  assert.equal(outcomes[0]?.text, 'One is counted, two I do not know.');
  assert.deepEqual(host.lines(), ['one', 'two']);
  const [one, two] = told(events).slice(3, 5);
  assert.match(one!, /"counted":"one"/);
  assert.match(two!, /CALL_OUTCOME_UNKNOWN/);
  assert.deepEqual(host.server.violations, []);
});

test('killed while the model looks at the results: it is asked again with them', async (t) => {
  const killed = Promise.withResolvers<void>();
  const host = await beginTurn(t, (child) => [
    { calls: [call('one')] },
    deadly({ text: 'I have counted it' }, 3, child, killed.resolve),
  ]);
  await killed.promise;
  host.server.script([{ text: 'Counted once.' }]);
  const { outcomes, events } = await host.resume();
  assert.equal(outcomes[0]?.text, 'Counted once.');
  assert.deepEqual(host.lines(), ['one']);
  assert.equal(events.length, 4);
  assert.match(JSON.stringify(host.server.requests.at(-1)?.body.messages), /counted.*one/);
  assert.deepEqual(host.server.violations, []);
});

/** Waits for a change in the folder that makes `isTrue` true. */
async function until(folder: string, isTrue: () => boolean): Promise<void> {
  const changes = watch(folder);
  while (!isTrue()) await once(changes, 'change');
  changes.close();
}

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { makeEvent, type Script } from '../../../gateway/testing/fake-agent-host.ts';
import { ClawClient } from '../../client/claw-client.ts';
import { findClaw } from '../../client/find-claw.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type RunningClaw, startClaw } from '../../testing/running-claw.ts';
import { converse } from './converse.ts';

let claw: RunningClaw;
before(async () => {
  claw = await startClaw();
});
after(() => claw.stop());

interface Person {
  type(text: string): void;
  /** Waits until the screen fits. */
  sees(pattern: RegExp): Promise<void>;
  readonly left: Promise<number>;
}

const ctrlC = '\u0003';
const ctrlD = '\u0004';
const up = '\u001b[A';
const left = '\u001b[D';

async function sitDown(user: string): Promise<Person> {
  const input = new PassThrough();
  const output = new PassThrough();
  let screen = '';
  const changed: (() => void)[] = [];
  output.on('data', (chunk) => {
    screen += stripVTControlCharacters(String(chunk));
    for (const wake of changed.splice(0)) wake();
  });
  const plain = (_format: unknown, text: string) => text;
  const print = (text: string) => output.write(`${text}\n`);
  const terminal: Terminal = {
    input,
    output,
    error: output,
    isInputTerminal: true,
    isOutputTerminal: true,
    style: plain,
    styleError: plain,
    print,
    printError: print,
  };
  const env = { CLAY_ROOT: claw.root };
  const client = new ClawClient(findClaw(env));
  const { id: session } = await client.createSession(user);
  return {
    type: (text) => input.write(text),
    async sees(pattern) {
      while (!pattern.test(screen)) await new Promise<void>((resolve) => changed.push(resolve));
    },
    left: converse({ client, user, session, env, terminal }),
  };
}

const sessionsOf = (user: string) => claw.agentHost.sessions.list('clay', user);

test('a person talks line by line, begins anew by /new, and ends by /exit', async () => {
  const person = await sitDown('ann');
  person.type('one\r');
  await person.sees(/You said: one/);
  person.type('/new\r');
  await person.sees(/^session s\d+\n/m);
  person.type('two\r');
  await person.sees(/You said: two/);
  person.type('/exit\r');
  assert.equal(await person.left, 0);
  assert.equal(sessionsOf('ann').length, 2);
});

test('what was typed before comes back by the arrow, also the next time, from a file that is the person’s own', async () => {
  const first = await sitDown('bob');
  first.type('remember this line\r');
  await first.sees(/You said: remember this line/);
  first.type(ctrlD);
  await first.left;
  const file = join(claw.root, 'data', 'chat-history');
  assert.ok(existsSync(file));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), /^remember this line$/m);
  const second = await sitDown('bob');
  second.type(up);
  await second.sees(/you › remember this line/);
  second.type('\r');
  await second.sees(/You said: remember this line/);
  second.type(ctrlD);
  await second.left;
});

test('Ctrl-C stops the answer and not the conversation; on a line it clears the line; on an empty one it leaves', async () => {
  const person = await sitDown('eve');
  const endless: Script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ text: 'working' }]);
    await new Promise((_resolve, reject) => turn.signal.addEventListener('abort', () => reject(turn.signal.reason)));
    return {};
  };
  const original = claw.agentHost.script;
  claw.agentHost.script = endless;
  person.type('go\r');
  await person.sees(/working/);
  person.type(ctrlC);
  await person.sees(/stopping …[\s\S]*you › /);
  claw.agentHost.script = original;
  person.type('never said');
  await person.sees(/never said/);
  person.type(ctrlC);
  person.type('still here\r');
  await person.sees(/You said: still here\n[\s\S]*you › $/);
  person.type(ctrlC);
  assert.equal(await person.left, 0);
  const [session] = sessionsOf('eve');
  const said = claw.agentHost.sessions.get({ app: 'clay', user: 'eve', id: session?.id ?? '' }).events;
  assert.ok(!JSON.stringify(said).includes('never said'));
});

test('a turn that the claw refuses is told, and the conversation goes on', async () => {
  const person = await sitDown('tim');
  const { start } = claw.agentHost.turns;
  claw.agentHost.turns.start = () => {
    throw new Error('boom');
  };
  person.type('one\r');
  await person.sees(/A bug in the host/);
  claw.agentHost.turns.start = start;
  person.type('two\r');
  await person.sees(/You said: two/);
  person.type(ctrlD);
  assert.equal(await person.left, 0);
});

const listening = async () => {
  while (claw.medic.listeners.size === 0) await new Promise((resolve) => setImmediate(resolve));
};

test('news of the medic stand above the prompt, and what was typed so far stays, with the cursor in it', async () => {
  const person = await sitDown('max');
  await listening();
  person.type('helo 🙂');
  await person.sees(/helo 🙂/);
  for (let step = 0; step < 3; step++) person.type(left);
  claw.medic.tell({ plugin: 'tasks', kind: 'changed', text: 'no word for people' });
  claw.medic.tell({ plugin: 'tasks', text: 'Generation 3 was taken back:\u001b[2J it crashed on probation.' });
  await person.sees(/· tasks: generation 3 was taken back:\[2J it crashed on probation\.\nyou › helo 🙂$/);
  person.type('l\r');
  await person.sees(/You said: hello 🙂/);
  await person.sees(/^(?![\s\S]*no word for people)/);
  person.type(ctrlD);
  assert.equal(await person.left, 0);
  while (claw.medic.listeners.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('news that come during an answer stand on a line of their own', async () => {
  const original = claw.agentHost.script;
  const go = Promise.withResolvers<void>();
  claw.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ text: 'Let me' }], { partial: true });
    await go.promise;
    yield makeEvent(turn.id, [{ text: ' see.' }], { partial: true });
    yield makeEvent(turn.id, [{ text: 'Let me see.' }]);
    return { text: 'Let me see.' };
  };
  const person = await sitDown('amy');
  await listening();
  person.type('go\r');
  await person.sees(/Let me$/);
  claw.medic.tell({ plugin: 'feeds', text: 'Generation 2 serves.' });
  await person.sees(/Let me\n· feeds: generation 2 serves\.\n$/);
  go.resolve();
  await person.sees(/ see\.\n[\s\S]*you › $/);
  claw.agentHost.script = original;
  person.type(ctrlD);
  assert.equal(await person.left, 0);
});

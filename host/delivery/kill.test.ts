import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ask, counter, message, reply } from './testing/crashing-delivery.ts';
import { startDelivery } from './testing/delivery-fixture.ts';

const script = join(import.meta.dirname, 'testing', 'crashing-delivery.ts');

/** In the order in which a message meets them. At these with a `true`, a part may have arrived without a receipt. */
const points: readonly (readonly [point: string, mayRepeat?: true])[] = [
  ['before inbox.add'],
  ['after inbox.add'],
  ['the message is accepted'],
  ['before inbox.begin'],
  ['after inbox.begin'],
  ['the turn begins'],
  ['the tool is called'],
  ['the tool has worked'],
  ['before inbox.end'],
  ['after inbox.end'],
  ['the answer is kept'],
  ['before outbox.render'],
  ['after outbox.render'],
  ['before outbox.open'],
  ['after outbox.open'],
  ['the channel is called', true],
  ['the channel has sent', true],
  ['before outbox.sent'],
  ['after outbox.sent'],
  ['before outbox.end'],
  ['after outbox.end'],
];

for (const [point, mayRepeat = false] of points) {
  test(`killed at “${point}”: nothing is lost, no tool runs twice, and a part that may come twice is known`, async (t) => {
    const root = await killedAt(t, point);
    const lines = (name: string) => linesOf(root, name);
    const host = await startDelivery(t, { root, plugins: [counter(root)] });
    host.channel.answer = async ({ key }) => {
      appendFileSync(join(root, 'sent'), `${key}\n`);
      return { id: key };
    };
    await host.receive(message.text, { key: message.key });
    for (let turns = 0; host.store.inbox.open().length + host.store.outbox.counts().waiting > 0; turns++) {
      assert.ok(turns < 1_000, 'it comes to an end');
      await host.clock.advance(100);
    }
    const wasCalled = lines('effects').length;
    assert.ok(wasCalled === 1 || (point === 'the tool is called' && wasCalled === 0));
    const sent = lines('sent');
    const keys = [...new Set(sent)];
    assert.deepEqual(keys, keys.toSorted(), 'in order');
    assert.equal(keys.length, 3);
    const { doubtful } = host.store.outbox.counts();
    assert.equal(doubtful, mayRepeat ? 1 : 0);
    assert.ok(sent.length - keys.length <= doubtful);
  });
}

/** In the order in which a question meets them. */
const questionPoints = [
  'before questions.add',
  'after questions.add',
  'after outbox.render',
  'before outbox.sent',
  'before questions.answer',
  'after questions.answer',
  'after inbox.end',
];

for (const point of questionPoints) {
  test(`killed at “${point}”: a person is asked once, and the answer reaches the call that asked`, async (t) => {
    const root = await killedAt(t, point, 'ask');
    const host = await startDelivery(t, { root, plugins: [counter(root)] });
    const answer = ask(host);
    await host.clock.advance(10_000);
    await host.receive(reply.text, { key: reply.key });
    await host.clock.advance(10_000);
    assert.deepEqual(host.store.inbox.open(), []);
    assert.deepEqual(host.store.questions.open(), []);
    const sent = [...linesOf(root, 'sent'), ...host.channel.parts.map(({ key }) => key)];
    const asked = sent.filter((key) => key.startsWith('ask:'));
    const { waiting, doubtful } = host.store.outbox.counts();
    assert.equal(new Set(asked.map((key) => key.split('/')[0])).size, 1, 'one question');
    assert.ok(asked.length - new Set(asked).size <= doubtful && doubtful <= 1);
    assert.equal(waiting, 0);
    assert.deepEqual(await answer, { choice: 'yes', by: 'fake:ann' });
  });
}

function linesOf(root: string, name: string): string[] {
  return existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8').trim().split('\n') : [];
}

/** A volume on which a host has died. */
async function killedAt(t: TestContext, point: string, scenario = 'message'): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'clay-delivery-kill-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const child = spawn(process.execPath, [script, root, point, scenario], { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', `the host came to “${point}”`);
  return root;
}

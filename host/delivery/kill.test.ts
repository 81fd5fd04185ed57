import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { counter, message } from './testing/crashing-delivery.ts';
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
    const lines = (name: string) =>
      existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8').trim().split('\n') : [];
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

/** A volume on which a host has died. */
async function killedAt(t: TestContext, point: string): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'clay-delivery-kill-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const child = spawn(process.execPath, [script, root, point], { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', `the host came to “${point}”`);
  return root;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LeaseHolder, LeaseTable } from './lease-table.ts';

function holder(plugin: string, generation: number, events: string[], more: Partial<LeaseHolder> = {}): LeaseHolder {
  return {
    plugin,
    generation,
    grant: async () => {
      events.push(`grant ${generation}`);
    },
    revoke: async () => {
      await new Promise(setImmediate);
      events.push(`revoke ${generation}`);
    },
    ...more,
  };
}

test('a lease passes by revoke, then grant, and two never hold it', async () => {
  const events: string[] = [];
  const table = new LeaseTable();
  const [first, second] = [holder('p', 1, events), holder('p', 2, events)];
  await Promise.all([table.pass('token', first), table.pass('token', second)]);
  assert.deepEqual(events, ['grant 1', 'revoke 1', 'grant 2']);
  assert.deepEqual(table.list(), [{ lease: 'token', plugin: 'p', generation: 2 }]);
  await table.take('token', first);
  assert.equal(table.list().length, 1, 'the former holder has nothing to give back');
  await table.take('token', second);
  assert.deepEqual(table.list(), []);
});

test('another plugin does not get a lease that is held, and is told by whom', async () => {
  const events: string[] = [];
  const table = new LeaseTable();
  await table.pass('token', holder('p', 1, events));
  await assert.rejects(table.pass('token', holder('q', 1, events)), {
    code: 'CONFLICT',
    message: 'The lease "token" is held by plugin "p"; "q" cannot have it too.',
  });
});

test('a holder that fails to take a lease leaves it free, and the next one gets it', async () => {
  const events: string[] = [];
  const table = new LeaseTable();
  const broken = holder('p', 1, events, { grant: () => Promise.reject(new Error('port in use')) });
  await assert.rejects(table.pass('port', broken), /port in use/);
  await table.pass('port', holder('q', 1, events));
  assert.equal(table.list()[0]?.plugin, 'q');
});

test('a dead holder is not asked to let go', async () => {
  const events: string[] = [];
  const table = new LeaseTable();
  const dead = holder('p', 1, events, { revoke: () => new Promise(() => {}) });
  await table.pass('token', dead);
  table.forget(dead);
  await table.pass('token', holder('p', 2, events));
  assert.deepEqual(events, ['grant 1', 'grant 2']);
});

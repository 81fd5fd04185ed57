import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ClayError, type Json, type JsonObject, type Log } from '@clay/sdk';
import { createFakeClock } from '@clay/sdk/testing';
import type { CallOut } from '@clay/sdk/wire';
import type { Journal } from '../journal/journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import { Redactor } from '../policy/redaction/redactor.ts';
import { CapabilityTable } from '../registry/capability-table.ts';
import { PluginRouter } from './plugin-router.ts';
import type { Target } from './targets.ts';

type Answer = (call: CallOut) => Json | Promise<Json>;

interface Setup {
  readonly router: PluginRouter;
  readonly journal: Journal;
  readonly table: CapabilityTable;
  readonly sent: CallOut[];
  readonly errors: string[];
  /** Puts another generation in place of the present one. */
  swap(answer: Answer): void;
}

const parameters = {
  type: 'object',
  properties: { n: { type: 'integer' }, note: { type: 'string' } },
  additionalProperties: false,
};

function setUp(t: TestContext, answer: Answer, details: JsonObject = {}, secrets: readonly string[] = []): Setup {
  const folder = mkdtempSync(join(tmpdir(), 'clay-router-'));
  const clock = createFakeClock();
  const journal = openJournal({ file: join(folder, 'journal.db'), clock });
  t.after(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const table = new CapabilityTable();
  const sent: CallOut[] = [];
  const errors: string[] = [];
  let target: Target;
  let generation = 0;
  const swap = (next: Answer) => {
    generation += 1;
    const base = { plugin: 'p', generation, description: '' };
    table.replace('p', [
      { ...base, kind: 'tool', name: 'do', fullName: 'tool:do', parameters, details },
      { ...base, kind: 'prompt', name: 'mood', fullName: 'prompt:mood', parameters: null, details: {} },
    ]);
    target = {
      generation,
      call: async (call) => {
        sent.push(call);
        return next(call);
      },
      credit: () => undefined,
    };
  };
  swap(answer);
  const quiet = () => undefined;
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (event) => errors.push(event) };
  const router = new PluginRouter({
    registry: table,
    targets: { find: () => target, coming: () => null },
    journal: journal.calls,
    clock,
    log,
    redactor: new Redactor(secrets),
  });
  return { router, journal, table, sent, errors, swap };
}

const request = { capability: 'tool:do', args: { n: 1 }, caller: 'agent:clay' };

test('a call is in the journal before it is sent, and ends there as done', async (t) => {
  const { router, journal } = setUp(t, ({ id }) => {
    assert.equal(journal.calls.get(id)?.state, 'begun');
    return 'value';
  });
  assert.equal(await router.call({ ...request, id: 'row' }), 'value');
  const row = journal.calls.get('row');
  assert.deepEqual([row?.state, row?.args, row?.caller, row?.value], ['done', '{"n":1}', 'agent:clay', null]);
});

test('a failure ends its row as failed and keeps what was produced', async (t) => {
  const { router, journal } = setUp(t, () => {
    throw new ClayError('NOT_FOUND', 'gone', { output: 'so far' });
  });
  await assert.rejects(router.call({ ...request, id: 'row' }), { code: 'NOT_FOUND', details: { output: 'so far' } });
  assert.deepEqual(journal.calls.get('row')?.failure, { error: 'gone', code: 'NOT_FOUND', output: 'so far' });
});

test('a repeated key returns the stored result and runs nothing', async (t) => {
  const { router, sent } = setUp(t, () => ({ rolled: 4 }));
  assert.deepEqual(await router.call({ ...request, key: 'k' }), { rolled: 4 });
  assert.deepEqual(await router.call({ ...request, key: 'k' }), { rolled: 4 });
  assert.equal(sent.length, 1);
  await router.call({ ...request, key: 'other' });
  assert.equal(sent.length, 2);
});

test('a repeated key of a failed call throws the stored failure', async (t) => {
  const { router, sent } = setUp(t, () => {
    throw new ClayError('CONFLICT', 'no', { output: 'x' });
  });
  for (let round = 0; round < 2; round++)
    await assert.rejects(router.call({ ...request, key: 'k' }), { code: 'CONFLICT', details: { output: 'x' } });
  assert.equal(sent.length, 1);
});

test('a repeated key of a call under way joins it', async (t) => {
  let finish: (value: Json) => void = () => {};
  const { router, sent } = setUp(
    t,
    () =>
      new Promise<Json>((resolve) => {
        finish = resolve;
      }),
  );
  const calls = [router.call({ ...request, key: 'k' }), router.call({ ...request, key: 'k' })];
  assert.equal(router.active, 2);
  await new Promise(setImmediate);
  finish(7);
  assert.deepEqual(await Promise.all(calls), [7, 7]);
  assert.equal(sent.length, 1);
  assert.equal(router.active, 0);
});

test('a key whose call died with its process is unknown, unless the tool may be run again', async (t) => {
  const begin = (journal: Journal) =>
    journal.calls.begin({
      id: 'old',
      key: 'k',
      capability: 'tool:do',
      plugin: 'p',
      generation: 1,
      caller: 'c',
      session: null,
      args: '{}',
    });
  const once = setUp(t, () => 1);
  begin(once.journal);
  await assert.rejects(once.router.call({ ...request, key: 'k' }), {
    code: 'CALL_OUTCOME_UNKNOWN',
    message: /call old.*look before you repeat it/,
  });
  assert.equal(once.sent.length, 0);
  const again = setUp(t, () => 2, { idempotent: true });
  begin(again.journal);
  assert.equal(await again.router.call({ ...request, key: 'k' }), 2);
  assert.deepEqual([again.sent[0]?.key, again.sent[0]?.attempt, again.sent[0]?.id], ['k', 2, 'old']);
  assert.deepEqual([again.journal.calls.get('old')?.state, again.journal.calls.get('old')?.attempt], ['done', 2]);
});

test('a call that its generation did not accept goes on to the next one', async (t) => {
  const { router, sent, swap, journal } = setUp(t, () => {
    swap(() => 'from the new one');
    throw new ClayError('UNAVAILABLE', 'stopping');
  });
  assert.equal(await router.call({ ...request, id: 'row' }), 'from the new one');
  assert.deepEqual(
    sent.map((call) => call.attempt),
    [1, 1],
  );
  assert.equal(journal.calls.get('row')?.generation, 2);
});

test('a call that nobody accepts fails, and is not sent to the same corpse again', async (t) => {
  const { router, sent } = setUp(t, () => {
    throw new ClayError('UNAVAILABLE', 'dead');
  });
  await assert.rejects(router.call(request), { code: 'UNAVAILABLE' });
  assert.equal(sent.length, 1);
});

test('an accepted call whose generation died is repeated only when idempotent', async (t) => {
  const die = (swap: (answer: Answer) => void) => (call: CallOut) => {
    call.onAck?.();
    swap(() => 'again');
    throw new ClayError('CALL_OUTCOME_UNKNOWN', 'died');
  };
  const once: Setup = setUp(t, (call) => die(once.swap)(call));
  await assert.rejects(once.router.call({ ...request, id: 'row' }), { code: 'CALL_OUTCOME_UNKNOWN' });
  assert.equal(once.journal.calls.get('row')?.state, 'unknown');
  const again: Setup = setUp(t, (call) => die(again.swap)(call), { idempotent: true });
  assert.equal(await again.router.call(request), 'again');
  assert.deepEqual(
    again.sent.map((call) => call.attempt),
    [1, 2],
  );
});

test('arguments that do not fit name each path, and what a model gets wrong is set right', async (t) => {
  const { router, sent, journal } = setUp(t, () => 1);
  await assert.rejects(router.call({ ...request, id: 'row', args: { n: 'many', colour: 1 } }), {
    code: 'BAD_ARGUMENTS',
    message:
      'The arguments of tool:do do not fit: n: must be an integer, not "many"; colour: is not known; known are n, note.',
  });
  assert.equal(journal.calls.get('row')?.state, 'failed');
  await router.call({ ...request, args: { n: '5', note: null } });
  assert.deepEqual(
    sent.map((call) => call.args),
    [{ n: 5 }],
  );
});

test('a tool whose parameters are no JSON Schema is told by name', async (t) => {
  const { router, table } = setUp(t, () => 1);
  const broken = { ...table.get('tool:do')!, parameters: { type: 'nonsense' } };
  table.replace('p', [broken]);
  await assert.rejects(router.call(request), {
    code: 'INTERNAL',
    message: /The parameters that tool:do declares are no JSON Schema: .*nonsense/,
  });
});

test('a wrong name is told with the nearest right one', async (t) => {
  const { router } = setUp(t, () => 1);
  await assert.rejects(router.call({ ...request, capability: 'tool:dp' }), {
    code: 'CAPABILITY_UNKNOWN',
    message: 'Nobody provides tool:dp. Did you mean tool:do?',
  });
  for (const name of ['tool:__proto__', 'constructor', 'tool:', ''])
    await assert.rejects(router.call({ ...request, capability: name }), { code: 'CAPABILITY_UNKNOWN' });
});

test('hidden parameters and secret values do not reach the journal', async (t) => {
  const { router, journal, sent } = setUp(t, () => 1, { redact: ['note'] }, ['sk-12"345']);
  await router.call({ ...request, id: 'a', args: { note: 'my diary' } });
  assert.equal(journal.calls.get('a')?.args, '{"note":"[redacted]"}');
  assert.deepEqual(sent[0]?.args, { note: 'my diary' });
  const open = setUp(t, () => 1, {}, ['sk-12"345']);
  await open.router.call({ ...request, id: 'b', args: { note: 'key sk-12"345!' } });
  assert.equal(open.journal.calls.get('b')?.args, '{"note":"key [redacted]!"}');
});

test('the credentials of a web request do not reach the journal', async (t) => {
  const { router, journal, table } = setUp(t, () => ({ body: '' }));
  table.replace('p', [{ ...table.get('tool:do')!, kind: 'route', fullName: 'route:p/GET /x', parameters: null }]);
  const headers = { authorization: 'Bearer abc', cookie: 'clay=abc', accept: '*/*' };
  await router.call({ capability: 'route:p/GET /x', args: { path: '/x', headers }, caller: 'http', id: 'row' });
  assert.deepEqual(JSON.parse(journal.calls.get('row')?.args ?? ''), {
    path: '/x',
    headers: { authorization: '[redacted]', cookie: '[redacted]', accept: '*/*' },
  });
});

test('very long arguments are cut in the journal and sent whole', async (t) => {
  const { router, journal, sent } = setUp(t, () => 1);
  const note = 'x'.repeat(100_000);
  await router.call({ ...request, id: 'row', args: { note } });
  const kept = JSON.parse(journal.calls.get('row')?.args ?? '');
  assert.equal(kept.$cut, note.length + 11);
  assert.ok(kept.head.length < 10_000);
  assert.deepEqual(sent[0]?.args, { note });
});

test('prompts are not journalled', async (t) => {
  const { router, journal } = setUp(t, () => 'be kind');
  assert.equal(await router.call({ capability: 'prompt:mood', args: {}, caller: 'agent:clay' }), 'be kind');
  assert.deepEqual(journal.calls.recent(10), []);
});

test('a call that cannot be journalled is not sent; one that cannot be closed still gives its value', async (t) => {
  const closed = setUp(t, () => 1);
  closed.journal.close();
  await assert.rejects(closed.router.call(request));
  assert.equal(closed.sent.length, 0);
  const closing: Setup = setUp(t, () => {
    closing.journal.close();
    return 'done anyway';
  });
  assert.equal(await closing.router.call(request), 'done anyway');
  assert.deepEqual(closing.errors, ['journal.write.failed']);
});

test('a stream gives its events, then its value, and a reader that leaves cancels it', async (t) => {
  const { router } = setUp(t, (call) => {
    call.onItem?.({ type: 'text', text: 'a' });
    call.onItem?.({ type: 'text', text: 'b' });
    return 'end';
  });
  const stream = router.stream(request);
  assert.deepEqual((await stream.next()).value, { type: 'text', text: 'a' });
  assert.deepEqual((await stream.next()).value, { type: 'text', text: 'b' });
  assert.deepEqual(await stream.next(), { done: true, value: 'end' });

  let isCancelled = false;
  const endless = setUp(t, (call) => {
    call.onItem?.({ type: 'text', text: 'a' });
    return new Promise((_, reject) => {
      call.signal?.addEventListener('abort', () => {
        isCancelled = true;
        reject(new ClayError('CANCELLED', 'gone'));
      });
    });
  });
  for await (const _ of endless.router.stream(request)) break;
  assert.equal(isCancelled, true);
});

test('a stream that fails throws after its events', async (t) => {
  const { router } = setUp(t, (call) => {
    call.onItem?.({ type: 'text', text: 'a' });
    throw new ClayError('MODEL', 'cut');
  });
  const stream = router.stream(request);
  await stream.next();
  await assert.rejects(stream.next(), { code: 'MODEL' });
});

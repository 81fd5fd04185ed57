import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CallSession } from '@clay/sdk';
import { recordingLog } from '../../agent/testing/quiet.ts';
import { temporaryStore } from '../../store/testing/temporary-store.ts';
import type { UsageEntry } from '../../store/usage-ledger.ts';
import type { Spender } from './budget.ts';
import { type BudgetNotice, Budgets, type BudgetsOptions, type PlannedCall } from './budgets.ts';
import { spanAt } from './period.ts';

const price = { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25 };
const ann: Spender = { user: 'ann', plugin: 'host', startedBy: '', schedule: '' };
const session: CallSession = { app: 'clay', user: 'ann', id: 's1', turn: 't1' };
const planned: PlannedCall = { model: 'glm-5', inputTokens: () => 1000, maxOutputTokens: 500, toldIn: session };

function entry(spender: Spender, tokens: number): UsageEntry {
  const counted = { inputTokens: tokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const costUsd = (tokens * price.input) / 1e6;
  return {
    app: 'clay',
    session: 's1',
    turn: 't1',
    agent: 'clay',
    model: 'glm-5',
    ...spender,
    ...counted,
    costUsd,
    durationMs: 1,
  };
}

function setUp(t: TestContext, budgets: BudgetsOptions['budgets'], timeZone = 'UTC') {
  const store = temporaryStore(t);
  const notices: BudgetNotice[] = [];
  const open = () =>
    new Budgets({
      budgets,
      prices: { 'glm-5': price },
      timeZone,
      usage: store.usage,
      clock: store.clock,
      log: recordingLog(),
      notify: (notice) => notices.push(notice),
    });
  const spend = async (guard: Budgets, spender: Spender, tokens: number, call: PlannedCall = planned) => {
    const charge = await guard.admit(spender, call);
    charge.record(entry(charge.spender, tokens));
    charge.end();
  };
  return { ...store, usage: store.usage, clock: store.clock, notices, open, spend, guard: open() };
}

test('people are warned once at 80 %, and calls are refused at 100 % until the next day', async (t) => {
  const { guard, spend, notices, clock } = setUp(t, { claw: { tokensPerDay: 10_000 } });
  await spend(guard, ann, 7_900);
  assert.equal(notices.length, 0);
  await spend(guard, ann, 200);
  await spend(guard, ann, 100);
  assert.deepEqual(
    notices.map(({ text }) => text),
    [
      '81 % of the budget of the claw for this day is used: 8,100 tokens of 10,000 tokens. At 100 % I stop until 2026-03-11 00:00 (UTC).',
    ],
  );
  await spend(guard, ann, 2_000);
  await assert.rejects(guard.admit(ann, planned), {
    code: 'BUDGET_SPENT',
    message:
      'I stop here: the budget of the claw for this day (10,000 tokens) is used up. It begins anew at 2026-03-11 00:00 (UTC); the operator can raise it ("budgets" in clay.json).',
  });
  clock.advance(12 * 3_600_000);
  await spend(guard, ann, 1);
});

test('a stop is told to the person who waits by the answer, and to the owner once when nobody waits', async (t) => {
  const { guard, spend, notices } = setUp(t, { claw: { tokensPerDay: 10 } });
  await spend(guard, ann, 10);
  for (let times = 0; times < 3; times++) await assert.rejects(guard.admit(ann, planned), { code: 'BUDGET_SPENT' });
  assert.ok(notices.every(({ toldIn }) => toldIn === session));
  notices.length = 0;
  const loop: Spender = { ...ann, plugin: 'looper' };
  for (let times = 0; times < 3; times++)
    await assert.rejects(guard.admit(loop, { ...planned, toldIn: null }), { code: 'BUDGET_SPENT' });
  assert.deepEqual(
    notices.map(({ toldIn, user }) => [toldIn, user]),
    [[null, null]],
  );
});

test('what was spent before a restart counts, in dollars as in tokens', async (t) => {
  const { guard, open, spend } = setUp(t, { claw: { usdPerMonth: 0.01 } });
  await spend(guard, ann, 9_000);
  const next = open();
  assert.deepEqual(
    next.states().map(({ spent, limit, unit }) => [spent, limit, unit]),
    [[0.009, 0.01, 'usd']],
  );
  await spend(next, ann, 1_000);
  await assert.rejects(open().admit(ann, planned), { code: 'BUDGET_SPENT', message: /month \(\$0\.010\) is used up/ });
});

test('each user, plugin and schedule has an account of its own, and pays for the turns that it began', async (t) => {
  const { guard, spend } = setUp(t, {
    'user:*': { tokensPerDay: 100 },
    'plugin:heartbeat': { tokensPerDay: 50 },
    'schedule:news': { tokensPerDay: 30 },
  });
  const { origins } = guard;
  origins.begin('t1', 'plugin:heartbeat');
  origins.begin('t2', 'plugin:schedule', 'news');
  const [heart, news] = [origins.spender(session, 'host'), origins.spender({ ...session, turn: 't2' }, 'research')];
  assert.deepEqual(news, { user: 'ann', plugin: 'research', startedBy: 'schedule', schedule: 'news' });
  await spend(guard, heart, 50);
  await assert.rejects(guard.admit(heart, planned), { message: /the plugin "heartbeat"/ });
  await spend(guard, news, 30);
  await assert.rejects(guard.admit(news, planned), { message: /the schedule "news"/ });
  origins.end('t1');
  assert.equal(origins.spender(session, 'host').startedBy, '');
  await spend(guard, ann, 20);
  await assert.rejects(guard.admit(ann, planned), { message: /the user "ann"/ });
  await spend(guard, { ...ann, user: 'ben' }, 99);
  assert.deepEqual(
    guard
      .states()
      .filter(({ scope }) => scope === 'user')
      .map(({ name, left }) => [name, left])
      .sort(),
    [
      ['ann', 0],
      ['ben', 1],
    ],
  );
});

test('calls side by side wait near the limit, so that no more than one goes beyond it', async (t) => {
  const limit = 10_000;
  const { guard } = setUp(t, { claw: { tokensPerDay: limit } });
  let [running, most, spent, refused] = [0, 0, 0, 0];
  const work = async () => {
    const charge = await guard.admit(ann, planned).catch((error) => {
      assert.equal(error.code, 'BUDGET_SPENT');
      refused++;
    });
    if (!charge) return;
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    charge.record(entry(ann, 1_400));
    spent += 1_400;
    running--;
    charge.end();
  };
  await Promise.all(Array.from({ length: 100 }, work));
  assert.ok(spent >= limit && spent < limit + 1_500, `${spent} of ${limit}`);
  assert.ok(most > 1 && most <= 7, `${most} ran side by side`);
  assert.equal(refused, 100 - spent / 1_400);
});

test('a call that waits for others goes away when it is cancelled, and one that fails gives back what it held', async (t) => {
  const { guard } = setUp(t, { claw: { tokensPerDay: 1_000 } });
  const first = await guard.admit(ann, planned);
  const cancel = new AbortController();
  const second = guard.admit(ann, planned, cancel.signal);
  const third = guard.admit(ann, planned);
  cancel.abort(new Error('stopped'));
  await assert.rejects(second, /stopped/);
  first.end();
  (await third).end();
});

test('a budget in dollars refuses a model that has no price, and lets one pass that is free', async (t) => {
  const { guard } = setUp(t, { claw: { usdPerDay: 1 } });
  await assert.rejects(guard.admit(ann, { ...planned, model: 'opus' }), {
    code: 'BUDGET_SPENT',
    message: /no price for the model opus/,
  });
  (await guard.admit(ann, { ...planned, model: 'offline', isFree: true })).end();
});

test('days and months begin in the zone of the claw, also where clocks are changed', () => {
  const at = (text: string) => Date.parse(text);
  const berlin = (text: string, period: 'day' | 'month') => {
    const { since, until } = spanAt(at(text), period, 'Europe/Berlin');
    return [new Date(since).toISOString(), new Date(until).toISOString()];
  };
  assert.deepEqual(berlin('2026-03-29T12:00:00Z', 'day'), ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  assert.deepEqual(berlin('2026-10-31T23:30:00Z', 'month'), ['2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z']);
});

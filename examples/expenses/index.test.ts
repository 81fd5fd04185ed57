import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock, createTestHost } from '@clay/sdk/testing';
import expenses from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

const plugin = { ...expenses, tables: manifest.tables };
const november = Date.UTC(2026, 10, 30, 23, 30);
const createHost = (config = {}) => createTestHost(plugin, { config, clock: createFakeClock(november) });

test('an expense is noted with today’s date, the usual currency and a clean category', async () => {
  await using host = await createHost();
  assert.deepEqual(await host.tool('expense_add', { amount: 12.5, category: ' Food ', note: 'lunch' }), {
    id: 1,
    date: '2026-11-30',
    amount: '12.50',
    currency: 'EUR',
    category: 'food',
    note: 'lunch',
  });
});

test('today is where the operator lives', async () => {
  await using host = await createHost({ timeZone: 'Europe/Berlin' });
  const { date } = (await host.tool('expense_add', { amount: 1, category: 'food' })) as { date: string };
  assert.equal(date, '2026-12-01');
});

test('a time zone that does not exist is named before the plugin serves', async () => {
  await assert.rejects(createHost({ timeZone: 'Europe/Atlantis' }), {
    message: /timeZone: must be a time zone such as Europe\/Berlin, not "Europe\/Atlantis"/,
  });
});

test('sums are exact, and never mix currencies', async () => {
  await using host = await createHost();
  for (const amount of [0.1, 0.2]) await host.tool('expense_add', { amount, category: 'food', date: '2026-10-01' });
  await host.tool('expense_add', { amount: 500, currency: 'jpy', category: 'food', date: '2026-11-02' });
  await host.tool('expense_add', { amount: 9, category: 'rent', date: '2026-11-03' });
  assert.deepEqual(await host.tool('expense_summary', { category: 'food' }), {
    sums: [
      { of: 'food', total: '0.30', currency: 'EUR', count: 2 },
      { of: 'food', total: '500', currency: 'JPY', count: 1 },
    ],
  });
  assert.deepEqual(await host.tool('expense_summary', { by: 'month', currency: 'EUR' }), {
    sums: [
      { of: '2026-11', total: '9.00', currency: 'EUR', count: 1 },
      { of: '2026-10', total: '0.30', currency: 'EUR', count: 2 },
    ],
  });
});

test('amounts that the currency does not have, unknown currencies and days that are none are refused', async () => {
  await using host = await createHost();
  const add = (more: Record<string, string | number>) =>
    host.tool('expense_add', { amount: 1, category: 'x', ...more });
  await assert.rejects(add({ amount: 1.005 }), {
    code: 'BAD_ARGUMENTS',
    message: 'EUR has 2 decimals; 1.005 has more.',
  });
  await assert.rejects(add({ currency: 'EURO' }), { message: /currency: must be an ISO 4217 code such as EUR/ });
  await assert.rejects(add({ date: '2026-02-30' }), { code: 'BAD_ARGUMENTS', message: /date: / });
  await assert.rejects(add({ amount: -1 }), { code: 'BAD_ARGUMENTS', message: /amount: / });
});

test('an expense is removed once', async () => {
  await using host = await createHost();
  await host.tool('expense_add', { amount: 3, category: 'food' });
  await host.tool('expense_remove', { id: 1 });
  await assert.rejects(host.tool('expense_remove', { id: 1 }), { code: 'NOT_FOUND' });
  assert.deepEqual(await host.tool('expense_list'), { expenses: [] });
});

test('the model reads the total of the month, and nothing when nothing was spent', async () => {
  await using host = await createHost();
  await host.tool('expense_add', { amount: 3, category: 'food', date: '2026-10-31' });
  assert.equal(await host.prompt('expenses'), null);
  await host.tool('expense_add', { amount: 4, category: 'food' });
  await host.tool('expense_add', { amount: 5, category: 'food', currency: 'USD' });
  assert.equal(await host.prompt('expenses'), 'Spent in 2026-11: 4.00 EUR, 5.00 USD.');
});

test('the export is CSV that no spreadsheet takes for formulas', async () => {
  await using host = await createHost();
  await host.tool('expense_add', { amount: 3, category: 'food', note: '=1+1, "quoted"' });
  const { headers, body } = await host.route('GET', '/expenses.csv', { query: { month: '2026-11' } });
  assert.equal(headers?.['content-disposition'], 'attachment; filename="expenses-2026-11.csv"');
  assert.equal(body, 'id,date,amount,currency,category,note\r\n1,2026-11-30,3.00,EUR,food,"\'=1+1, ""quoted"""\r\n');
  const wrong = await host.route('GET', '/expenses.csv', { query: { month: 'May' } });
  assert.deepEqual(wrong, { status: 400, body: '"month" must be a month such as 2026-11.\n' });
});

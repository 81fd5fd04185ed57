import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCron } from '../../kernel/cron.ts';
import { cronProblem } from './cron-text.ts';

const good = [
  '* * * * *',
  '*/30 * * * *',
  '0 7 * * mon-fri',
  '5,35 8-18/2 1 jan,JUL 0',
  '0 0 L * *',
  '59 23 31 12 7',
  '0 0 * * 5-7',
  '@daily',
];
const bad = [
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '*/0 * * * *',
  '5-1 * * * *',
  'a * * * *',
  '1- * * * *',
  '1,,2 * * * *',
  '1/2/3 * * * *',
  '@never',
];

test('what is taken is what the host can run', () => {
  for (const text of good) {
    assert.equal(cronProblem(text), null, text);
    assert.doesNotThrow(() => parseCron(text), text);
  }
});

test('what is refused says which field takes what', () => {
  for (const text of bad) assert.notEqual(cronProblem(text), null, text);
  assert.equal(
    cronProblem('* 24 * * *'),
    'the field "hour" of a cron expression takes 0 to 23, *, lists, ranges and steps such as */5, not "24"',
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultDialect } from '../syntax/dialect.ts';
import { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

function session(): { session: Session; shown: string[] } {
  const shown: string[] = [];
  const show = (text: string): void => void shown.push(text.trimEnd());
  const terminal: Terminal = { folder: '/', hasColor: false, out: show, err: show, readInput: () => '' };
  return { session: new Session(terminal, defaultDialect), shown };
}

test('an open bracket, string or block asks for more lines', async () => {
  const { session: repl, shown } = session();
  for (const [line, isIncomplete] of [
    ['x = [1,', true],
    ['2]', false],
    ['s = """a', true],
    ['b"""', false],
    ['def f():', true],
    ['    return s', true],
    ['', false],
    ['y = 1 + \\', true],
    ['2', false],
    ['f(), x, y', false],
  ] as const) {
    await repl.take(line);
    assert.equal(repl.isIncomplete, isIncomplete, line);
  }
  assert.deepEqual(shown, ['("a\\nb", [1, 2], 3)']);
});

test('names, attributes and keywords are completed', async () => {
  const { session: repl } = session();
  await repl.take('record = struct(first = "a", second = 2)');
  assert.deepEqual(repl.complete('x = rec'), [['record'], 'rec']);
  assert.deepEqual(repl.complete('record.'), [['record.first', 'record.second'], 'record.']);
  assert.deepEqual(repl.complete('record.first.upp'), [['record.first.upper'], 'record.first.upp']);
  assert.deepEqual(repl.complete('ret'), [['return'], 'ret']);
  assert.deepEqual(repl.complete('nothing.x'), [[], 'nothing.x']);
});

test('the last value is kept in _, and an interrupted input is forgotten', async () => {
  const { session: repl, shown } = session();
  await repl.take('6 * 7');
  await repl.take('_ + 1');
  await repl.take('n = 1');
  await repl.take('n += 1');
  await repl.take('n = n * 10');
  await repl.take('n');
  await repl.take('x = [');
  repl.forget();
  await repl.take('"next"');
  assert.deepEqual(shown, ['42', '43', '20', '"next"']);
});

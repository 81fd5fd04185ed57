import assert from 'node:assert/strict';
import test from 'node:test';
import { createDiagnostic, locate, renderDiagnostic } from './diagnostic.ts';
import { Source } from './syntax/source.ts';

function rendered(text: string, start: number, end: number): string[] {
  const source = new Source('a.star', text);
  return renderDiagnostic(createDiagnostic(source, { code: 'X', message: 'bad', start, end }), source).split('\n');
}

test('a diagnostic shows place, message, source line, caret range, hint and notes', () => {
  const source = new Source('a.star', 'x = [\ny = foo(1)\n');
  const found = createDiagnostic(source, {
    code: 'X',
    message: 'got a, want b',
    start: 10,
    end: 13,
    hint: 'write b',
    notes: [{ message: 'opened here', location: locate(source, 4, 5) }, { message: 'no place' }],
  });
  assert.equal(
    renderDiagnostic(found, source),
    [
      'a.star:2:5: error: got a, want b',
      ' 2 | y = foo(1)',
      '   |     ^^^',
      'hint: write b',
      'note: a.star:1:5: opened here',
      ' 1 | x = [',
      '   |     ^',
      'note: no place',
    ].join('\n'),
  );
});

test('carets stand under the range behind tabs, wide characters and control characters', () => {
  assert.deepEqual(rendered('\tx = 1', 1, 2).slice(1), [' 1 |     x = 1', '   |     ^']);
  assert.deepEqual(rendered('"界😀" + y', 8, 9).slice(1), [' 1 | "界😀" + y', `   | ${' '.repeat(9)}^`]);
  assert.deepEqual(rendered('a\u001b[2Jb\u202e', 5, 6).slice(1), [' 1 | a\ufffd[2Jb\ufffd', '   |      ^']);
});

test('a range over several lines is marked to the end of its first', () => {
  assert.deepEqual(rendered('f(a,\n  b)', 0, 9).slice(1), [' 1 | f(a,', '   | ^^^^']);
});

test('a long line is shown as a window around the range', () => {
  const lines = rendered(`${'a'.repeat(5000)}!${'b'.repeat(5000)}`, 5000, 5001);
  assert.ok((lines[1] ?? '').length < 140);
  const column = (lines[2] ?? '').indexOf('^');
  assert.equal((lines[1] ?? '').charAt(column), '!');
});

test('an empty range and one at the end of the file still get a caret', () => {
  assert.deepEqual(rendered('x', 1, 1).slice(1), [' 1 | x', '   |  ^']);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { Source } from './source.ts';

test('a line ends at a line feed, a carriage return or both, and not at U+2028', () => {
  const source = new Source('a.star', 'a\nbb\r\nc\rd\u2028e');
  assert.equal(source.lineCount, 4);
  assert.deepEqual(
    [1, 2, 3, 4].map((line) => source.lineText(line)),
    ['a', 'bb', 'c', 'd\u2028e'],
  );
  assert.deepEqual(source.position(3), { line: 2, column: 2 });
  assert.deepEqual(source.position(6), { line: 3, column: 1 });
  assert.deepEqual(source.position(10), { line: 4, column: 3 });
});

test('an offset outside the text is moved to its nearer end', () => {
  const source = new Source('a.star', 'ab\n');
  assert.deepEqual(source.position(-5), { line: 1, column: 1 });
  assert.deepEqual(source.position(99), { line: 2, column: 1 });
  assert.equal(source.lineText(9), '');
});

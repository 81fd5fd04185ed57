import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutMiddle } from './cut-text.ts';

test('a text that fits stays as it is', () => {
  assert.equal(
    cutMiddle('abc', 3, () => '…'),
    'abc',
  );
});

test('at no length is a character of two code units split', () => {
  const text = `a😀b${'😀'.repeat(20)}c`;
  for (let length = 0; length < text.length; length++) {
    const cut = cutMiddle(text, length, (left) => `<${left}>`);
    assert.ok(cut.isWellFormed(), `length ${length}`);
    const left = Number(/<(\d+)>/.exec(cut)?.[1]);
    assert.equal(cut.replace(/<\d+>/, '').length + left, text.length);
  }
});

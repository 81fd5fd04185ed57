import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halvesOf, isOneSlipAway } from './similar-word.ts';

test('one letter changed, left out, added or swapped is one slip', () => {
  for (const word of ['katarina', 'katharna', 'katharinas', 'katharine', 'kahtarina', 'atharina', 'katharina']) {
    assert.ok(isOneSlipAway('katharina', word), word);
    assert.ok(isOneSlipAway(word, 'katharina'), word);
  }
  for (const word of ['katerina1', 'kathrin', 'anirahtak', '', 'katharinaaa'])
    assert.ok(!isOneSlipAway('katharina', word), word);
});

test('one change in a word leaves one of its halves as it was', () => {
  const word = 'lindqvist';
  const [head = '', tail = ''] = halvesOf(word);
  assert.equal(head + tail, word);
  assert.deepEqual(halvesOf('letters'), ['lett']);
  for (let at = 0; at < word.length; at += 1) {
    const slipped = `${word.slice(0, at)}#${word.slice(at + 1)}`;
    assert.ok(slipped.includes(head) || slipped.includes(tail), slipped);
  }
});

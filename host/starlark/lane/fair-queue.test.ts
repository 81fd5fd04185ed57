import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairQueue } from './fair-queue.ts';

function drain(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) items.push(`${next.key}${next.item}`);
  return items;
}

test('everybody has a turn before anybody has two, each in the order of its own', () => {
  const queue = new FairQueue<string>();
  for (const [key, item] of [
    [1, 'a'],
    [1, 'b'],
    [1, 'c'],
    [2, 'a'],
    [3, 'a'],
    [2, 'b'],
  ] as const)
    queue.push(key, item);
  assert.deepEqual(drain(queue), ['1a', '2a', '3a', '1b', '2b', '1c']);
});

test('what is dropped is gone, and nothing else', () => {
  const queue = new FairQueue<string>();
  queue.push(1, 'a');
  queue.push(2, 'a');
  queue.drop(1);
  queue.drop(7);
  assert.deepEqual(drain(queue), ['2a']);
});

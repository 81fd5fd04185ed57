import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lines } from './lines.ts';
import { parseToHost, parseToMedic } from './messages.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('lines come whole, however they were cut', () => {
  const text = '{"a":1}\n\nzwölf\nrest';
  for (let size = 1; size <= text.length; size++) {
    const lines = new Lines(100);
    const all = bytes(text);
    const found: (string | null)[] = [];
    for (let at = 0; at < all.length; at += size) found.push(...lines.push(all.subarray(at, at + size)));
    assert.deepEqual(found, ['{"a":1}', '', 'zwölf']);
    assert.deepEqual(lines.push(bytes('\n')), ['rest']);
  }
});

test('a line that is too long is one bad line, and the next is read', () => {
  const lines = new Lines(4);
  assert.deepEqual(lines.push(bytes('12345678')), []);
  assert.deepEqual(lines.push(bytes('9\n1234\n12345\n1\n')), [null, '1234', null, '1']);
});

test('what is no message is null', () => {
  const order = { type: 'start-service', id: 'a', command: ['x'], environment: {}, folder: '/' };
  const bad = [
    '',
    'null',
    '[]',
    '{}',
    '{"type":"ping","id":1}',
    '{"type":"pong"}',
    '{"type":"pong","id":-1}',
    '{"type":"running","folder":"relative","stopMs":1}',
    '{"type":"running","folder":"/","stopMs":9000000}',
    JSON.stringify({ ...order, command: [] }),
    JSON.stringify({ ...order, command: [''] }),
    JSON.stringify({ ...order, command: ['a\0b'] }),
    JSON.stringify({ ...order, command: 'x' }),
    JSON.stringify({ ...order, environment: { 'A=B': 'x' } }),
    JSON.stringify({ ...order, environment: { A: 1 } }),
    JSON.stringify({ ...order, folder: '.' }),
    JSON.stringify({ ...order, id: '' }),
  ];
  for (const line of bad) assert.equal(parseToMedic(line), null, line);
  assert.deepEqual(parseToMedic(JSON.stringify({ ...order, more: 1 })), order);
  assert.equal(parseToHost('{"type":"service","id":"a","state":"elsewhere","reason":"","lastWords":""}'), null);
  assert.equal(parseToHost('{"type":"running"}'), null);
});

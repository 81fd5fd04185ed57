import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hasProof, proveWork } from './proof-of-work.ts';

const challenge = '0123456789abcdef0123456789abcdef';
const patient = { signal: new AbortController().signal, isLate: () => false, onProgress: () => {} };

/** Leading zero bits, counted one by one. */
function zeroBits(nonce: string): number {
  const digest = createHash('sha256').update(`${challenge}:${nonce}`).digest();
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.indexOf('1');
}

test('a nonce counts by the leading zero bits of its hash, whatever their number', () => {
  for (let nonce = 0; nonce < 2000; nonce++) {
    const bits = zeroBits(String(nonce));
    for (let difficulty = 0; difficulty <= 14; difficulty++)
      assert.equal(hasProof(challenge, String(nonce), difficulty), bits >= difficulty, `${nonce} ${difficulty}`);
  }
});

test('the first nonce that is good enough is found', async () => {
  for (const difficulty of [0, 1, 7, 12]) {
    const nonce = await proveWork({ challenge, difficulty }, patient);
    assert.ok(zeroBits(nonce) >= difficulty);
    for (let smaller = 0; smaller < Number(nonce); smaller++) assert.ok(zeroBits(String(smaller)) < difficulty);
  }
});

test('whatever else waits is served between two batches', async () => {
  let served = 0;
  let isDone = false;
  const serve = () => {
    served++;
    if (!isDone) setImmediate(serve);
  };
  setImmediate(serve);
  await proveWork({ challenge, difficulty: 16 }, patient);
  isDone = true;
  assert.ok(served >= 3, `${served} times`);
});

test('it ends when it is cancelled, and when the time is up, and tells how far it is', async () => {
  const told: number[] = [];
  const stop = new AbortController();
  const onProgress = (hashes: number) => {
    told.push(hashes);
    stop.abort();
  };
  await assert.rejects(proveWork({ challenge, difficulty: 60 }, { ...patient, signal: stop.signal, onProgress }), {
    code: 'CANCELLED',
  });
  assert.deepEqual(told, [500_000]);
  let batches = 0;
  await assert.rejects(proveWork({ challenge, difficulty: 60 }, { ...patient, isLate: () => ++batches > 2 }), {
    code: 'TIMEOUT',
    message: /60 zero bits was not found in time, after 10000 hashes/,
  });
});

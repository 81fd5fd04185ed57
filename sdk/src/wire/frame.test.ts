import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError } from '../errors.ts';
import { createRandom, type Random } from '../testing/random.ts';
import { encodeFrame, FrameDecoder, maxFrameBytes, type RawFrame } from './frame.ts';
import type { Message } from './message.ts';
import { parseHostMessage, parsePluginMessage } from './validate.ts';

const call: Message = {
  type: 'call',
  id: 'c1',
  key: 'k',
  attempt: 1,
  capability: 'tool:x',
  args: { text: 'Grüße 👋', list: [1, null, true], ['__proto__']: 1 },
  caller: 'http',
  timeoutMs: 1000,
  session: { app: 'clay', user: 'u', id: 's', turn: 't' },
  credit: 16,
};
const request: Message = {
  type: 'request',
  id: 7,
  method: 'http.fetch',
  args: {},
  call: null,
  blobs: [new Uint8Array([0, 255]), new Uint8Array()],
};

function decodeAll(bytes: Uint8Array, size: number): RawFrame[] {
  const decoder = new FrameDecoder();
  const frames: RawFrame[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...decoder.push(bytes.subarray(at, at + size)));
  decoder.end();
  return frames;
}

function rejects(bytes: Uint8Array, pattern: RegExp): void {
  const decoder = new FrameDecoder();
  const isWire = (error: unknown) => error instanceof ClayError && error.code === 'WIRE' && pattern.test(error.message);
  assert.throws(() => [...decoder.push(bytes)], isWire);
  assert.throws(() => [...decoder.push(encodeFrame(call))], isWire, 'nothing is read after a wrong byte');
}

const frame = (length: number, kind: number, payload: Uint8Array | string = '') => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(kind, 4);
  return Buffer.concat([head, Buffer.from(payload)]);
};

test('messages come out as they went in, however the bytes are cut', () => {
  const bytes = Buffer.concat([encodeFrame(call), encodeFrame(request), encodeFrame(call)]);
  for (const size of [1, 2, 3, 5, 7, 64, bytes.length]) {
    const [first, second, third, ...rest] = decodeAll(bytes, size);
    assert.deepEqual(parseHostMessage(first!), call);
    assert.deepEqual(parsePluginMessage(second!), request);
    assert.deepEqual(parseHostMessage(third!), call);
    assert.deepEqual(rest, []);
  }
});

test('a garbage, zero-length, huge or unknown frame is refused before its bytes are waited for', () => {
  rejects(Buffer.from('\n\n\n\n\n'), /bytes; 8388608 are allowed/);
  rejects(frame(0, 1), /no length/);
  rejects(frame(maxFrameBytes + 1, 1), /are allowed/);
  rejects(frame(0xffffffff, 2), /are allowed/);
  rejects(frame(2, 3, '{}'), /unknown kind 3/);
  rejects(frame(2, 0, '{}'), /unknown kind 0/);
});

test('a payload that is not JSON or not UTF-8 is refused', () => {
  rejects(frame(3, 1, '{"a'), /not JSON/);
  rejects(frame(2, 1, new Uint8Array([0xc3, 0x28])), /not UTF-8/);
  rejects(frame(1, 2, '{'), /without its length/);
  rejects(frame(6, 2, new Uint8Array([0, 0, 0, 200, 1, 2])), /200 bytes in a frame that has 2 left/);
});

test('JSON nested deep enough to break a reader is refused', () => {
  const deep = `{"type":"call","args":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const [raw] = decodeAll(frame(deep.length, 1, deep), 65_536);
  assert.throws(() => parseHostMessage(raw!), { code: 'WIRE' });
  const args = JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`);
  assert.throws(() => parseHostMessage({ json: { ...call, args }, blobs: [] }), /"args" is nested at most 200 deep/);
});

test('half a frame at the end is told', () => {
  const decoder = new FrameDecoder();
  assert.deepEqual([...decoder.push(encodeFrame(call).subarray(0, 20))], []);
  assert.throws(() => decoder.end(), { code: 'WIRE', message: /ended after 20 bytes/ });
});

test('a frame beyond the cap is not sent', () => {
  const message: Message = { type: 'reply', id: 'c', value: 'x'.repeat(maxFrameBytes) };
  assert.throws(() => encodeFrame(message), { code: 'TOO_LARGE', message: /"reply" message of \d+ bytes/ });
});

test('a declared length costs no memory until its bytes come', () => {
  const decoders = Array.from({ length: 200 }, () => new FrameDecoder());
  const before = process.memoryUsage().arrayBuffers;
  for (const decoder of decoders) assert.deepEqual([...decoder.push(frame(maxFrameBytes, 1, 'x'))], []);
  assert.ok(process.memoryUsage().arrayBuffers - before < maxFrameBytes);
});

const wrongMessages: readonly (readonly [unknown, RegExp])[] = [
  [null, /no object/],
  [[], /no object/],
  ['call', /no object/],
  [{}, /unknown type undefined/],
  [{ type: 'toString' }, /unknown type "toString"/],
  [{ type: '__proto__' }, /unknown type/],
  [{ type: ['call'] }, /unknown type/],
  [{ type: 'call' }, /"call" message that is not an object whose "id" is an id/],
  [{ ...call, id: '' }, /"id" is an id of 1 to 256/],
  [{ ...call, attempt: -1 }, /"attempt" is a whole number/],
  [{ ...call, timeoutMs: '5' }, /"timeoutMs" is a number/],
  [{ ...call, session: { app: 'clay' } }, /"session" is null or an object whose "user" is text/],
  [{ type: 'answer', id: 1 }, /exactly one of "value" and "failure"/],
  [{ type: 'answer', id: 1, value: 1, failure: { error: 'e', code: 'INTERNAL' } }, /exactly one/],
  [{ type: 'answer', id: 1, failure: { error: 'e', code: 'NOPE' } }, /"code" is one of BAD_ARGUMENTS/],
  [{ type: 'answer', id: 1, value: 1, blobs: [] }, /"blobs" in its JSON/],
];

for (const [json, pattern] of wrongMessages) {
  test(`the message ${JSON.stringify(json)?.slice(0, 70)} is refused`, () => {
    assert.throws(
      () => parseHostMessage({ json, blobs: [] }),
      (error) => error instanceof ClayError && error.code === 'WIRE' && pattern.test(error.message),
    );
  });
}

test('an empty list of binary parts is none', () => {
  const [raw] = decodeAll(encodeFrame({ type: 'answer', id: 1, value: [], blobs: [] }), 1_024);
  assert.deepEqual(parseHostMessage(raw!), { type: 'answer', id: 1, value: [] });
});

test('binary parts ride only with the messages that know them', () => {
  assert.throws(() => parsePluginMessage({ json: { type: 'ack', id: 'a' }, blobs: [new Uint8Array(1)] }), {
    code: 'WIRE',
  });
});

test('members that a newer protocol adds are let through', () => {
  assert.equal(parseHostMessage({ json: { ...call, hue: 'red' }, blobs: [] }).type, 'call');
});

function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  switch (random.below(4)) {
    case 0:
      copy[random.below(copy.length)] = random.below(256);
      return copy;
    case 1:
      return copy.subarray(0, random.below(copy.length));
    case 2:
      return Buffer.concat([copy.subarray(0, random.below(copy.length)), random.bytes(random.below(20)), copy]);
    default:
      return random.bytes(random.below(200));
  }
}

test('whatever comes in, the decoder gives messages or one WIRE error, never anything else', (t) => {
  const random = createRandom();
  t.diagnostic(`seed ${random.seed}`);
  for (let round = 0; round < 5000; round++) {
    const sent = Buffer.concat([encodeFrame(random.pick([call, request])), encodeFrame(call)]);
    const bytes = mutate(random, sent);
    const decoder = new FrameDecoder();
    try {
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + random.below(50);
        for (const raw of decoder.push(bytes.subarray(at, at + size)))
          random.pick([parseHostMessage, parsePluginMessage])(raw);
        at += size;
      }
      decoder.end();
    } catch (error) {
      assert.ok(error instanceof ClayError && error.code === 'WIRE', `seed ${random.seed}, round ${round}: ${error}`);
    }
  }
});

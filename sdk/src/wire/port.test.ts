import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ClayError } from '../errors.ts';
import { createMemoryPorts } from './memory-port.ts';
import type { HostMessage, PluginMessage } from './message.ts';
import type { Port } from './port.ts';
import { createHostStreamPort, createPluginStreamPort } from './stream-port.ts';

interface Line {
  readonly host: Port<HostMessage, PluginMessage>;
  readonly plugin: Port<PluginMessage, HostMessage>;
}

function createStreamPorts(): Line & { readonly up: PassThrough; readonly down: PassThrough } {
  const [up, down] = [new PassThrough(), new PassThrough()];
  return {
    host: createHostStreamPort({ readable: up, writable: down }),
    plugin: createPluginStreamPort({ readable: down, writable: up }),
    up,
    down,
  };
}

function next<T>(port: { receive(receiver: (message: T) => void): void }, wanted = 1): Promise<T[]> {
  return new Promise((resolve) => {
    const messages: T[] = [];
    port.receive((message) => {
      messages.push(message);
      if (messages.length === wanted) resolve(messages);
    });
  });
}

for (const [name, create] of [
  ['in memory', createMemoryPorts],
  ['over streams', createStreamPorts],
] as const) {
  test(`messages arrive ${name} in order, also those sent before anybody listens`, async () => {
    const { host, plugin } = create();
    for (let id = 1; id <= 3; id++) host.send({ type: 'ping', id });
    assert.deepEqual(
      await next(plugin, 3),
      [1, 2, 3].map((id) => ({ type: 'ping', id })),
    );
  });

  test(`a value ${name} is a copy, and bytes come whole`, async () => {
    const { host, plugin } = create();
    const args = { list: [1] };
    const blob = new Uint8Array([1, 2, 3]);
    plugin.send({ type: 'request', id: 1, method: 'm', args, call: null, blobs: [blob] });
    args.list.push(2);
    blob[0] = 9;
    const [message] = await next(host);
    assert.deepEqual(message, {
      type: 'request',
      id: 1,
      method: 'm',
      args: { list: [1] },
      call: null,
      blobs: [new Uint8Array([1, 2, 3])],
    });
  });

  test(`what is not plain JSON is refused ${name} with its path, and nothing is sent`, async () => {
    const { host, plugin } = create();
    const refused: readonly (readonly [unknown, RegExp])[] = [
      [{ a: [() => 1] }, /^reply\.value\.a\[0\] is a function/],
      [new Date(0), /^reply\.value is a Date: pass date\.toISOString/],
      [{ 'a b': new Map() }, /^reply\.value\["a b"\] is a Map/],
      [Number.NaN, /^reply\.value is NaN/],
      [1n, /^reply\.value is a bigint/],
      [[undefined], /^reply\.value\[0\] is undefined/],
      [Promise.resolve(1), /is a Promise: await it/],
      [new (class Shape {})(), /an instance of Shape/],
    ];
    for (const [value, pattern] of refused) {
      const send = () => plugin.send({ type: 'reply', id: 'x', value: value as never });
      assert.throws(
        send,
        (error) => error instanceof ClayError && error.code === 'NOT_CLONEABLE' && pattern.test(error.message),
      );
    }
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    assert.throws(
      () => plugin.send({ type: 'reply', id: 'x', value: cycle as never }),
      /reply\.value\.self is a cycle/,
    );
    plugin.send({ type: 'ack', id: 'after' });
    assert.deepEqual(await next(host), [{ type: 'ack', id: 'after' }]);
  });

  test(`a message beyond the cap is refused ${name}, and the line stands`, async () => {
    const { host, plugin } = create();
    for (const value of ['x'.repeat(9_000_000), Array.from({ length: 1_000_000 }, () => 'abcdefgh')]) {
      assert.throws(() => plugin.send({ type: 'reply', id: 'x', value }), {
        code: 'TOO_LARGE',
        message: /"reply" message of \d+ bytes is too large/,
      });
    }
    const blobs = [new Uint8Array(9_000_000)];
    assert.throws(() => plugin.send({ type: 'request', id: 1, method: 'm', args: {}, call: null, blobs }), {
      code: 'TOO_LARGE',
    });
    plugin.send({ type: 'ack', id: 'after' });
    assert.deepEqual(await next(host), [{ type: 'ack', id: 'after' }]);
  });

  test(`a close ${name} reaches both ends, after what was sent before it`, async () => {
    const { host, plugin } = create();
    const received = next(plugin);
    host.send({ type: 'live' });
    host.close();
    assert.deepEqual(await received, [{ type: 'live' }]);
    assert.equal(await host.closed, null);
    assert.equal(await plugin.closed, null);
    host.send({ type: 'live' });
    plugin.send({ type: 'ack', id: 'x' });
  });

  test(`a receiver that throws ${name} closes its line and nothing else`, async () => {
    const { host, plugin } = create();
    host.receive(() => {
      throw new Error('bug');
    });
    plugin.send({ type: 'ack', id: 'x' });
    assert.equal((await host.closed)?.code, 'INTERNAL');
  });
}

test('garbage on a pipe closes that line with WIRE', async () => {
  const { host, up } = createStreamPorts();
  host.receive(() => assert.fail('nothing whole has come'));
  up.write('\n{"type":"reply"}\n');
  assert.equal((await host.closed)?.code, 'WIRE');
});

test('a pipe that ends in the middle of a frame closes with WIRE', async () => {
  const { host, up } = createStreamPorts();
  host.receive(() => assert.fail('nothing whole has come'));
  up.end(Buffer.from([0, 0, 0, 9, 1, 123]));
  assert.match((await host.closed)?.message ?? '', /half a frame/);
});

test('a broken pipe is a death, not a crash', async () => {
  const { host, down } = createStreamPorts();
  down.destroy(new Error('EPIPE'));
  assert.equal((await host.closed)?.code, 'UNAVAILABLE');
});

test('a far side that does not read is cut off', async () => {
  const { host } = createStreamPorts();
  const value = 'x'.repeat(4 * 1024 * 1024);
  for (let id = 0; id < 20; id++) host.send({ type: 'answer', id, value });
  assert.match((await host.closed)?.message ?? '', /has not read/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError, type JsonObject, type OutgoingPart } from '@clay/sdk';
import { type DeliveryFixture, startDelivery } from '../testing/delivery-fixture.ts';

const file = (name: string, more: JsonObject = {}) => ({
  name,
  mediaType: 'text/plain',
  base64: Buffer.from(`the bytes of ${name}`).toString('base64'),
  ...more,
});

async function send(host: DeliveryFixture, message: JsonObject) {
  await host.call('service:chat.main', { channel: 'fake', chat: 'c1' });
  return host.call('service:chat.send', message);
}

test('files follow their text in order, each with its caption and a key of its own, and are forgotten when they are sent', async (t) => {
  const host = await startDelivery(t, { channel: { takesFiles: true } });
  await send(host, { text: 'Here:', files: [file('a.txt', { caption: 'the first' }), file('b.txt')] });
  await host.told(3);
  const [text, ...files] = host.channel.parts as unknown as JsonObject[];
  assert.equal(text?.text, 'Here:');
  assert.deepEqual(
    files.map(({ key, ...rest }) => rest),
    [
      { chat: 'c1', ...file('a.txt'), caption: 'the first' },
      { chat: 'c1', ...file('b.txt'), caption: '' },
    ],
  );
  assert.equal(new Set(files.map(({ key }) => key)).size, 2);
  await host.clock.advance(5_000);
  assert.equal(host.store.outbox.file(1, 1), undefined);
});

test('a file goes without any text too', async (t) => {
  const host = await startDelivery(t, { channel: { takesFiles: true } });
  await send(host, { files: [file('a.txt')] });
  await host.clock.advance(5_000);
  assert.deepEqual(
    host.channel.parts.map((part) => (part as unknown as JsonObject).name),
    ['a.txt'],
  );
});

test('a channel that takes no files says so in words', async (t) => {
  const host = await startDelivery(t);
  await send(host, { text: 'Here:', files: [file('a.txt')] });
  assert.deepEqual(await host.told(2), ['Here:', '(There is a file for you, a.txt, that I cannot send here.)']);
});

test('a file that fails is tried again like a part, and one that is refused holds up nothing', async (t) => {
  const host = await startDelivery(t, { channel: { takesFiles: true } });
  const tries: string[] = [];
  host.channel.answer = async (part: OutgoingPart) => {
    const name = String((part as unknown as JsonObject).name);
    tries.push(name);
    if (name === 'large.txt') throw new ClayError('TOO_LARGE', 'the chat takes less');
    if (tries.length < 4) throw new ClayError('UNAVAILABLE', 'too many requests', { data: { retryAfterMs: 7_000 } });
    return {};
  };
  await send(host, { files: [file('large.txt'), file('small.txt')] });
  await host.clock.advance(60_000);
  assert.deepEqual(tries, ['large.txt', 'small.txt', 'small.txt', 'small.txt']);
  assert.equal(new Set(host.channel.parts.slice(1).map(({ key }) => key)).size, 1);
  assert.deepEqual(host.store.outbox.counts(), { waiting: 0, doubtful: 0 });
});

test('a file whose receipt was lost with its host is sent again and known as a possible duplicate', async (t) => {
  const host = await startDelivery(t, { channel: { takesFiles: true } });
  const arrived = Promise.withResolvers<void>();
  host.channel.answer = () => {
    arrived.resolve();
    return new Promise(() => undefined);
  };
  await send(host, { files: [file('a.txt')] });
  await arrived.promise;
  host.crash();
  const next = await startDelivery(t, { root: host.root, channel: { takesFiles: true } });
  await next.told(1);
  await next.clock.advance(5_000);
  assert.deepEqual(next.store.outbox.counts(), { waiting: 0, doubtful: 1 });
  assert.equal((next.channel.parts[0] as unknown as JsonObject).base64, file('a.txt').base64);
});

test('a message that does not fit is refused with every problem, and a file that is too large by its size', async (t) => {
  const host = await startDelivery(t);
  await assert.rejects(send(host, { files: [file('a/b', { base64: '?' })] }), {
    code: 'BAD_ARGUMENTS',
    message: /files\.0\.name: is no plain file name; files\.0\.base64: /,
  });
  await assert.rejects(send(host, { text: ' ' }), { code: 'BAD_ARGUMENTS', message: /the text is empty/ });
  const large = Buffer.alloc(5 * 1024 * 1024 + 1).toString('base64');
  await assert.rejects(send(host, { files: [file('large.bin', { base64: large })] }), {
    code: 'TOO_LARGE',
    message: /large\.bin has 5242881 bytes; a file in a chat may have 5242880/,
  });
});

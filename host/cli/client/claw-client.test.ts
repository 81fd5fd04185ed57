import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type ChatEvent, ClawClient } from './claw-client.ts';
import { readServerSentEvents } from './server-sent-events.ts';

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  use: (client: ClawClient) => Promise<void>,
): Promise<void> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      count += 1;
      answer(request, response, count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await use(new ClawClient({ url, token: null, from: 'a test' }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function chat(client: ClawClient): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of client.chat('ann', 's1', 'hi', new AbortController().signal)) events.push(event);
  return events;
}

const head = { 'content-type': 'text/event-stream', 'x-clay-turn': 't9' };

test('a stream that is cut is taken up behind the last event that came whole', async () => {
  const asked: (string | undefined)[] = [];
  await serve(
    (request, response, count) => {
      asked.push(`${request.method} ${request.headers['last-event-id'] ?? ''}`);
      response.writeHead(200, head);
      if (count === 1)
        response.write('data: {"id":"a"}\n\nid: t9:1\n\n: ping\n\ndata: {"id":"b', () => response.destroy());
      else response.end('data: {"id":"b"}\n\nid: t9:2\n\n');
    },
    async (client) => assert.deepEqual(await chat(client), [{ id: 'a' }, { id: 'b' }]),
  );
  assert.deepEqual(asked, ['POST ', 'GET t9:1']);
});

test('a stream that is cut before its first event begins again from the turn', async () => {
  const asked: unknown[] = [];
  await serve(
    (request, response, count) => {
      asked.push(request.headers['last-event-id']);
      response.writeHead(200, head);
      response.flushHeaders();
      if (count === 1) setImmediate(() => response.destroy());
      else response.end('data: {"id":"a"}\n\nid: t9:1\n\n');
    },
    async (client) => assert.deepEqual(await chat(client), [{ id: 'a' }]),
  );
  assert.deepEqual(asked, [undefined, 't9:0']);
});

test('a refusal is told in the claw’s own words; a page of a proxy in between with its status', async () => {
  await serve(
    (_request, response) => response.writeHead(401).end('{"error":"This needs the token.","code":"TOKEN_MISSING"}'),
    (client) => assert.rejects(chat(client), { name: 'CliError', message: 'This needs the token.' }),
  );
  await serve(
    (_request, response) => response.writeHead(502).end('<h1>Bad gateway</h1>'),
    (client) => assert.rejects(client.sessions('ann'), /answered 502 Bad Gateway: <h1>Bad gateway/),
  );
});

test('server-sent events are read whatever the cuts, line ends and comments', async () => {
  const bytes = new TextEncoder().encode(
    'data: {"text":"ü€😀"}\r\n\r\n: ping\n\nid: 7\n\ndata:one\ndata: two\nid: 8\n\ndata: lost',
  );
  async function* oneByOne() {
    for (const byte of bytes) yield Uint8Array.of(byte);
  }
  const events = [];
  for await (const event of readServerSentEvents(oneByOne())) events.push(event);
  assert.deepEqual(events, [
    { data: '{"text":"ü€😀"}', id: null },
    { data: null, id: '7' },
    { data: 'one\ntwo', id: '8' },
  ]);
});

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { News } from '../../medic/generations/medic.ts';
import { UnreachableError } from '../cli-error.ts';
import { ClawClient } from './claw-client.ts';
import { followNews } from './follow-news.ts';

async function serve(t: TestContext, answer: (response: ServerResponse, count: number) => void): Promise<string> {
  let count = 0;
  const server = createServer((_request, response) => {
    count += 1;
    answer(response, count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clientOf = (url: string) => new ClawClient({ url, token: null, from: 'a test' });
const head = { 'content-type': 'text/event-stream' };
const line = (text: string) => `data: ${JSON.stringify({ plugin: 'tasks', text })}\n\n`;

test('a line that ends or breaks is taken up again, until the signal', async (t) => {
  const url = await serve(t, (response, count) => {
    response.writeHead(200, head);
    response.write(line(`news ${count}`), () => {
      if (count === 1) response.end();
      else if (count === 2) response.destroy();
    });
  });
  const stop = new AbortController();
  const heard: string[] = [];
  await followNews({
    connect: () => clientOf(url),
    signal: stop.signal,
    onOpen: (address) => heard.push(address === url ? 'open' : address),
    onLost: () => heard.push('lost'),
    onNews(news: News) {
      heard.push(news.text);
      if (news.text === 'news 3') stop.abort();
    },
  });
  assert.deepEqual(heard, ['open', 'news 1', 'lost', 'open', 'news 2', 'lost', 'open', 'news 3']);
});

test('a claw that is away is waited for under each address that it may have, and told as lost once', async (t) => {
  const url = await serve(t, (response) => response.writeHead(200, head).end(line('back')));
  const stop = new AbortController();
  const heard: string[] = [];
  const addresses = [url, null, 'http://127.0.0.1:1', url];
  await followNews({
    connect() {
      const address = addresses.shift() ?? null;
      if (address === null) throw new UnreachableError('No claw runs.');
      return clientOf(address);
    },
    signal: stop.signal,
    onLost: () => heard.push('lost'),
    onNews({ text }) {
      heard.push(text);
      if (addresses.length === 0) stop.abort();
    },
  });
  assert.deepEqual(heard, ['back', 'lost', 'back']);
});

test('a claw that refuses, and one that is not there at first, end the following with their words', async (t) => {
  const url = await serve(t, (response, count) => {
    if (count === 1) response.writeHead(200, head).end();
    else response.writeHead(404).end('{"error":"There is no GET /api/admin/news.","code":"NOT_FOUND"}');
  });
  const follow = (address: string) =>
    followNews({ connect: () => clientOf(address), signal: new AbortController().signal, onNews: () => {} });
  await assert.rejects(follow(url), { name: 'CliError', message: 'There is no GET /api/admin/news.' });
  await assert.rejects(follow('http://127.0.0.1:1'), /No claw answers at http:\/\/127\.0\.0\.1:1/);
});

import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { openConnectProxy } from './connect-proxy.ts';
import { FakeBotApi } from './fake-bot-api.ts';
import type { FakeMessage } from './fake-chats.ts';

// The fake as a program, for tests that cannot import it: prints one line, {"proxy", "ca", "token"}, and runs until its
// input ends. The proxy's own paths: POST /say a FakeSaying, GET /said?chat=5001, POST /file?id=… its bytes,
// GET /calls, and the Bot API itself.

const fake = new FakeBotApi(process.argv[2] === undefined ? {} : { token: process.argv[2] });

async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://proxy');
  const answer = (status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  try {
    if (pathname.startsWith('/bot')) fake.listener(request, response);
    else if (pathname === '/say') answer(200, { update: fake.say(JSON.parse(await text(request))) });
    else if (pathname === '/said') answer(200, fake.said(Number(searchParams.get('chat'))).map(toShown));
    else if (pathname === '/file') {
      fake.addFile(String(searchParams.get('id')), await buffer(request));
      answer(200, {});
    } else if (pathname === '/calls') answer(200, fake.calls);
    else answer(404, { error: `${pathname} is not /say, /said, /file or /calls` });
  } catch (error) {
    answer(400, { error: String(error) });
  }
}

/** A file's bytes as JSON can carry them. */
function toShown({ file, ...message }: FakeMessage) {
  const shown = file && { name: file.name, base64: Buffer.from(file.bytes).toString('base64') };
  return { ...message, file: shown };
}

const proxy = await openConnectProxy(fake.listener, (request, response) => void control(request, response));
process.stdout.write(`${JSON.stringify({ proxy: proxy.url, ca: proxy.ca, token: fake.token })}\n`);
process.stdin.resume();
process.stdin.once('end', () => void proxy[Symbol.asyncDispose]().then(() => process.exit(0)));

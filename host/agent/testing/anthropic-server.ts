import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AnthropicRequest, checkRequest } from './anthropic-rules.ts';
import { type ScriptedAnswer, streamEvents } from './anthropic-script.ts';

/** Decides what to answer; `index` counts the requests from 0. */
export type Script = readonly ScriptedAnswer[] | ((request: AnthropicRequest, index: number) => ScriptedAnswer);

export interface RecordedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AnthropicRequest;
}

/** A server that speaks the Anthropic Messages API to the official SDK, and is as strict as the real one. */
export interface AnthropicServer {
  /** For `ANTHROPIC_API_BASE`. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** What the real API would have refused; each was answered with 400. */
  readonly violations: readonly string[];
  /** Streams that the client closed before their end. */
  readonly earlyCloses: number;
  /** Resolves with the next early close. */
  nextEarlyClose(): Promise<void>;
  /** Sets what comes next. When a list is used up, the answer is `Done.` */
  script(script: Script): void;
  close(): Promise<void>;
}

export async function startAnthropicServer(initial: Script = []): Promise<AnthropicServer> {
  const requests: RecordedRequest[] = [];
  const violations: string[] = [];
  const closeWaiters: (() => void)[] = [];
  let script: Script = initial;
  let answered = 0;
  let earlyCloses = 0;

  const server = createServer((request, response) => {
    response.on('close', () => {
      if (response.writableFinished) return;
      earlyCloses++;
      for (const resolve of closeWaiters.splice(0)) resolve();
    });
    serve(request, response).catch((error: unknown) => {
      violations.push(String(error));
      response.destroy();
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as AnthropicRequest;
    requests.push({ headers: request.headers, body });
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    const refusals = pathname === '/v1/messages' ? checkRequest(body) : [`no such path: ${request.url}`];
    if (refusals.length > 0) {
      violations.push(...refusals);
      return sendError(response, 400, 'invalid_request_error', refusals.join('; '), {});
    }
    const index = answered++;
    const answer = typeof script === 'function' ? script(body, index) : (script[index] ?? { text: 'Done.' });
    await send(response, answer, body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    violations,
    get earlyCloses() {
      return earlyCloses;
    },
    nextEarlyClose: () => new Promise((resolve) => closeWaiters.push(resolve)),
    script(next) {
      script = next;
      answered = 0;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function send(response: ServerResponse, answer: ScriptedAnswer, body: AnthropicRequest): Promise<void> {
  if ('status' in answer) {
    return sendError(response, answer.status, answer.type, answer.message ?? answer.type, answer.headers ?? {});
  }
  if ('raw' in answer) {
    response.writeHead(200, { 'content-type': answer.contentType });
    response.end(answer.raw);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  let sent = 0;
  for (const event of streamEvents(answer, body)) {
    if (answer.cutAfter !== undefined && sent >= answer.cutAfter) {
      response.flushHeaders();
      await new Promise<void>((resolve) => response.write('', () => resolve()));
      response.destroy();
      return;
    }
    if (answer.hangAfter !== undefined && sent >= answer.hangAfter) return;
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    sent++;
    if (answer.beforeNext) await answer.beforeNext(sent);
  }
  response.end();
}

function sendError(
  response: ServerResponse,
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_test', ...headers });
  response.end(JSON.stringify({ type: 'error', error: { type, message } }));
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '@clay/sdk';
import createFastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { z } from '../schema.ts';
import type { Claims } from './auth/claims.ts';
import type { Access } from './guard.ts';
import { parseJsonBody } from './json-body.ts';
import { Refusal, toHttpFailure } from './refusal.ts';

export type App = FastifyInstance;
export type Request = FastifyRequest;
export type Reply = FastifyReply;

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the signed token that let the request pass; null: the claw's own did, or none was needed. */
    claims: Claims | null;
  }
  interface FastifyContextConfig {
    /** Who may use the route. A route that says nothing is a control route. */
    access?: Access;
    /** One line for the API's description. */
    about?: string;
    /** What the body must be, for the API's description; the handler parses it. */
    body?: z.ZodType;
  }
}

export type { FastifyContextConfig, FastifySchema, HTTPMethods } from 'fastify';

/** An application without manners that never listens: only its routes are looked at. */
export function createBareApp(): App {
  return createFastify({ logger: false, exposeHeadRoutes: false });
}

export interface AppOptions {
  /** `public` or `adk`: which listener, for the log. */
  readonly name: string;
  readonly bodyBytes: number;
  /** Whether the ADK API, which is at `/api`, is at the root too. */
  readonly isAdkAtRoot: boolean;
  readonly log: Log;
}

/** A request has to arrive whole within this time; answers may take as long as a turn. */
const requestMs = 120_000;
const headersMs = 20_000;
const headerBytes = 16_384;
/** The first segments of the ADK API's addresses. */
const adkRoots = /^\/(apps|debug|dev|list-apps|run|run_sse)([/?]|$)/;

/** A listener with Clay's manners: JSON only, every failure as `{error, code}`, no stack, no server name. */
export function createApp(options: AppOptions): App {
  const { log } = options;
  const app = createFastify({
    logger: false,
    rewriteUrl: (request: IncomingMessage) => {
      const { url = '/' } = request;
      return options.isAdkAtRoot && adkRoots.test(url) ? `/api${url}` : url;
    },
    bodyLimit: options.bodyBytes,
    requestTimeout: requestMs,
    http: { maxHeaderSize: headerBytes, headersTimeout: headersMs },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 512 },
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => answerFailure(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as string));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  app.addContentTypeParser('*', (request, _payload, done) => done(notJson(request), undefined));
  app.setErrorHandler(answerFailure);
  app.setNotFoundHandler((request, reply) => {
    const path = request.originalUrl.split('?', 1)[0];
    return reply.code(404).send({ error: `There is no ${request.method} ${path}. See /api/docs.`, code: 'NOT_FOUND' });
  });
  return app;

  function answerFailure(thrown: FastifyError | Error, request: Request, reply: Reply): Reply {
    const failure = toHttpFailure(thrown, request.id);
    if (failure.isBug) {
      const fields = { listener: options.name, request: request.id, method: request.method, path: request.url };
      log.error('http.failed', { ...fields, error: thrown.stack ?? String(thrown) });
    }
    return reply.code(failure.status).headers(failure.headers).send(failure.body);
  }
}

function notJson(request: Request): Refusal {
  const got = request.headers['content-type'] ?? 'none';
  return new Refusal('NOT_JSON', `Content-Type is ${got}; send the body as Content-Type: application/json.`);
}

/** Node refused the bytes before there was a request: answer in the same shape, on the socket itself. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message, code] = describeBrokenRequest(error.code);
  const body = JSON.stringify({ error: message, code });
  const length = Buffer.byteLength(body);
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n`;
  socket.end(`${head}\r\n${body}`);
}

function describeBrokenRequest(code: string | undefined): readonly [status: string, message: string, code: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', `The headers exceed ${headerBytes} bytes.`, 'TOO_LARGE'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', `The request did not arrive whole within ${requestMs / 1000} s.`, 'TIMEOUT'];
    default:
      return ['400 Bad Request', 'This is not an HTTP/1.1 request.', 'BAD_REQUEST'];
  }
}

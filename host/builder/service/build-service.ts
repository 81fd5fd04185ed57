import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { ClayError, type Clock, type Log } from '@clay/sdk';
import { type App, createApp, type Reply, type Request } from '../../gateway/fastify.ts';
import { judge } from '../../gateway/guard.ts';
import { explainListenError } from '../../gateway/listen-error.ts';
import { Refusal, toHttpFailure } from '../../gateway/refusal.ts';
import { createToken, makeTokenValue } from '../../gateway/token.ts';
import type { Builder } from '../builder.ts';
import type { BuildLimits } from '../limits.ts';
import { retryAfterOf } from '../queue/build-queue.ts';
import { writeBuilt, writeChecked } from '../remote/build-answer.ts';
import { unpackSources } from '../source/archive.ts';
import type { BuildAddress } from './build-address.ts';
import { Uploads } from './uploads.ts';

export interface BuildServiceOptions {
  readonly builder: Builder;
  readonly limits: BuildLimits;
  readonly address: BuildAddress;
  /** Any of them opens the door; needed where others can reach it. */
  readonly tokens: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface BuildService {
  readonly url: string;
  close(): Promise<void>;
}

type Route = 'build' | 'check';

/** Of a refused upload, so many times the limit is still read. */
const drainedArchives = 4;
const tenantHeader = 'x-clay-tenant';
const tenantPattern = /^[\w.@-]{1,64}$/;

/** Serves a builder over HTTP: `POST /build`, `POST /check` with a `tar.gz` of the plugin's folder, `GET /health`. */
export async function startBuildService(options: BuildServiceOptions): Promise<BuildService> {
  const { builder, limits, address, clock, log } = options;
  if (!address.isLoopback && options.tokens.length === 0)
    throw new ClayError(
      'REFUSED',
      `BUILD_ADDR is ${address.host}:${address.port}, which others can reach: set BUILD_TOKEN to one or more tokens, separated by commas, or listen on 127.0.0.1.`,
    );
  const hasTokens = options.tokens.length > 0;
  const tokens = (hasTokens ? options.tokens : [makeTokenValue()]).map(createToken);
  const uploads = new Uploads();
  const app = createApp({ name: 'build', bodyBytes: limits.archiveBytes, isAdkAtRoot: false, log });
  app.removeAllContentTypeParsers();
  // The archive is unpacked while it arrives, whatever the client calls it.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.get('/health', (_request, reply) => reply.type('text/plain').send('ok'));
  for (const route of ['build', 'check'] as const) {
    app.post(`/${route}`, (request, reply) => serve(route, request, reply));
    app.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: `/${route}`,
      handler: (request, reply) => refuseMethod(route, request, reply),
    });
  }
  try {
    await app.listen({ host: address.host, port: address.port, listenTextResolver: () => '' });
  } catch (error) {
    const message = explainListenError(error as NodeJS.ErrnoException, address.host, address.port, 'BUILD_ADDR');
    throw new ClayError('CONFLICT', message, { cause: error });
  }
  return { url: urlOf(app), close: () => app.close() };

  async function serve(route: Route, request: Request, reply: Reply): Promise<Reply> {
    const startedAt = clock.now();
    const gone = new AbortController();
    reply.raw.on('close', () => reply.raw.writableFinished || gone.abort());
    const fields: { route: Route; tenant?: string; plugin?: string } = { route };
    try {
      const tenant = admit(request);
      fields.tenant = tenant;
      const { name } = request.query as { readonly name?: unknown };
      const files = await receive(tenant, request, gone.signal);
      const wanted = { files, tenant, ...(typeof name === 'string' ? { name } : {}) };
      const answer = await run(route, wanted, gone.signal);
      log.info('build.done', { ...fields, plugin: answer.name, ms: clock.now() - startedAt });
      return reply.send(answer.body);
    } catch (error) {
      const failure = toHttpFailure(limitReached(error), request.id);
      const { code } = failure.body;
      log[failure.isBug ? 'error' : 'info']('build.failed', {
        ...fields,
        code,
        ms: clock.now() - startedAt,
        ...(failure.isBug ? { error: error instanceof Error ? (error.stack ?? error.message) : String(error) } : {}),
      });
      return reply
        .code(failure.status)
        .headers(failure.headers)
        .send({ success: false, ...failure.body });
    }
  }

  async function run(route: Route, wanted: Parameters<Builder['build']>[0], signal: AbortSignal) {
    if (route === 'build') {
      const built = await builder.build(wanted, signal);
      return { name: built.name, body: writeBuilt(built) };
    }
    const checked = await builder.check(wanted, signal);
    return { name: checked.name, body: writeChecked(checked) };
  }

  /** Throws unless the caller may pass; gives the tenant. Of another token, a tenant of the same name is another one. */
  function admit({ headers }: Request): string {
    const { authorization } = headers;
    const index = Math.max(
      0,
      tokens.findIndex((token) => authorization !== undefined && token.isBearer(authorization)),
    );
    const caller = {
      host: headers.host,
      origin: headers.origin,
      fetchSite: undefined,
      authorization,
      cookie: undefined,
    };
    const settings = { isLoopback: address.isLoopback, isShared: false, token: tokens[index]! };
    const verdict = judge(caller, hasTokens ? 'control' : 'chat', settings);
    if (!verdict.pass)
      throw new Refusal(verdict.code, explainRefusal(verdict.code, verdict.message), {
        'www-authenticate': 'Bearer realm="clay build"',
      });
    const tenant = headers[tenantHeader] ?? 'default';
    if (typeof tenant !== 'string' || !tenantPattern.test(tenant))
      throw new Refusal(
        'BAD_REQUEST',
        `The header X-Clay-Tenant is ${JSON.stringify(tenant)}; it must be at most 64 letters, digits, "-", "_", "." or "@".`,
      );
    return `${index}/${tenant}`;
  }

  async function receive(tenant: string, request: Request, signal: AbortSignal) {
    if (request.body === undefined || request.body === null)
      throw new Refusal('BAD_REQUEST', 'The body is empty; send a tar.gz of the plugin’s folder.');
    const release = uploads.admit(tenant);
    const body = request.body as Readable;
    try {
      return await unpackSources(body.iterator({ destroyOnReturn: false }), limits, signal);
    } catch (error) {
      letGo(body, limits.archiveBytes * drainedArchives);
      throw error;
    } finally {
      release();
    }
  }

  function refuseMethod(route: Route, request: Request, reply: Reply): Reply {
    const message = `/${route} takes POST, not ${request.method}: send a tar.gz of the plugin's folder.`;
    const failure = toHttpFailure(new Refusal('METHOD_NOT_ALLOWED', message, { allow: 'POST' }), request.id);
    return reply
      .code(failure.status)
      .headers(failure.headers)
      .send({ success: false, ...failure.body });
  }
}

/** Most clients read no answer before they have sent everything: the rest is thrown away, within reason. */
function letGo(body: Readable, mostBytes: number): void {
  let bytes = 0;
  body.on('error', () => body.destroy());
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) body.destroy();
  });
  body.resume();
}

/** A full queue is the client's to wait for: 429, with how long. */
function limitReached(error: unknown): unknown {
  const seconds = retryAfterOf(error);
  if (seconds === null) return error;
  return new Refusal('RATE_LIMITED', (error as ClayError).message, { 'retry-after': String(seconds) });
}

function explainRefusal(code: string, message: string): string {
  return code === 'TOKEN_MISSING' || code === 'TOKEN_WRONG'
    ? 'This build service needs a token: send "Authorization: Bearer TOKEN" with one of BUILD_TOKEN.'
    : message;
}

function urlOf(app: App): string {
  const { address, family, port } = app.server.address() as AddressInfo;
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`;
}

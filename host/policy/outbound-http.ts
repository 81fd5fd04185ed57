import { ClayError, type Clock, type Json, type JsonObject } from '@clay/sdk';
import { secretPlaceholders } from '@clay/sdk/wire';
import { isPublicAddress } from './address.ts';
import { allows, allowsSecret } from './permissions.ts';
import { redactResponse } from './redaction/redact-response.ts';

export interface OutboundRequest {
  /** The options of `ctx.http.fetch`, as they came over the wire. */
  readonly args: JsonObject;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** Effective permissions of the plugin. */
  readonly permissions: readonly string[];
  readonly plugin: string;
}

export interface OutboundResponse {
  readonly value: Json;
  readonly blobs: readonly Uint8Array[];
}

/** HTTP to public hosts, for plugins and scripts. */
export interface OutboundHttp {
  fetch(request: OutboundRequest): Promise<OutboundResponse>;
}

export interface OutboundHttpOptions {
  readonly clock: Clock;
  readonly secret: (name: string) => string | undefined;
  /** Which addresses may be reached. Default: public ones. Tests that talk to loopback say otherwise. */
  readonly isAllowedAddress?: (address: string) => boolean;
  /** Origins that the operator runs himself, by the plugin that may reach them wherever they lie. Default: none. */
  readonly privateOrigins?: Readonly<Record<string, readonly string[]>>;
}

const defaultTimeoutMs = 15_000;
const maxTimeoutMs = 300_000;
const defaultMaxBytes = 2 * 1024 * 1024;
/** A body rides in one message, so it stays below the frame's cap. */
const maxMaxBytes = 6 * 1024 * 1024;
const defaultMaxRedirects = 5;

const redirects = new Set([301, 302, 303, 307, 308]);
const methodPattern = /^[A-Z]{1,16}$/;
/** Headers that belong to the connection, or would let a plugin speak for another host. */
const forbiddenHeaders = new Set([
  'host',
  'connection',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'expect',
  'proxy-authorization',
  'proxy-connection',
]);

/**
 * Makes the guard: every hop is checked anew, by permission for its host and by address after DNS, and the address that
 * was checked is the one connected to.
 */
export function createOutboundHttp(options: OutboundHttpOptions): OutboundHttp {
  return {
    async fetch(request) {
      const timeoutMs = numberOf(request.args, 'timeoutMs', defaultTimeoutMs, maxTimeoutMs);
      const deadline = new AbortController();
      const timeout = new ClayError('TIMEOUT', `${String(request.args.url)} did not answer within ${timeoutMs} ms.`);
      const cancelDeadline = options.clock.after(timeoutMs, () => deadline.abort(timeout));
      try {
        return await follow(request, AbortSignal.any([request.signal, deadline.signal]), options);
      } catch (thrown) {
        throw deadline.signal.aborted ? timeout : thrown;
      } finally {
        cancelDeadline();
      }
    },
  };
}

async function follow(
  request: OutboundRequest,
  signal: AbortSignal,
  options: OutboundHttpOptions,
): Promise<OutboundResponse> {
  const { args, plugin } = request;
  const maxBytes = numberOf(args, 'maxBytes', defaultMaxBytes, maxMaxBytes);
  const maxRedirects = numberOf(args, 'maxRedirects', defaultMaxRedirects, 20);
  const keepIncomplete = args.keepIncomplete === true;
  const headers = headersOf(args.headers);
  let method = methodOf(args.method);
  let url = parseUrl(String(args.url));
  let body = request.body;
  // It brings TLS, which is much for a claw whose plugins ask nobody.
  const { sendRequest } = await import('./send-request.ts');
  const begun = url.origin;
  const isNamed = isPrivateOrigin(options.privateOrigins ?? {}, plugin, begun);
  const used = new Set<string>();
  for (let hops = 0; ; hops++) {
    requireHost(request, url);
    const sent = fillIn(headers, url, request, options.secret, used);
    // Only who asked for it by its name reaches a private place: no public page leads there.
    const isAllowedAddress =
      isNamed && url.origin === begun ? () => true : (options.isAllowedAddress ?? isPublicAddress);
    const limits = { signal, maxBytes, keepIncomplete, isAllowedAddress };
    const response = await sendRequest({ url, method, headers: sent, body, ...limits }).catch((thrown) => {
      throw explain(thrown, url, request);
    });
    const location = response.headers.location;
    if (!redirects.has(response.status) || location === undefined) {
      const { status, incomplete } = response;
      const head = { status, url: url.href, headers: response.headers };
      const given = redactResponse(incomplete === undefined ? head : { ...head, incomplete }, response.body, used);
      return { value: given.head, blobs: [given.body] };
    }
    if (hops >= maxRedirects) {
      throw new ClayError(
        'REFUSED',
        `${String(args.url)} redirected more than ${maxRedirects} times, last to ${location}.`,
      );
    }
    const next = parseUrl(location, url);
    if (next.origin !== url.origin) dropCredentials(headers);
    url = next;
    const becomesGet = response.status === 303 ? method !== 'HEAD' : response.status < 303 && method === 'POST';
    if (becomesGet) {
      method = 'GET';
      body = undefined;
      headers.delete('content-type');
    }
  }
}

function isPrivateOrigin(
  named: NonNullable<OutboundHttpOptions['privateOrigins']>,
  plugin: string,
  origin: string,
): boolean {
  return Object.hasOwn(named, plugin) && named[plugin]!.some((one) => URL.parse(one)?.origin === origin);
}

/** What was meant for one origin goes to no other, and not back to it on the word of another. */
function dropCredentials(headers: Map<string, string>): void {
  for (const [name, text] of headers) {
    if (name === 'authorization' || name === 'cookie' || text.search(secretPlaceholders) >= 0) headers.delete(name);
  }
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (url === null) throw new ClayError('BAD_ARGUMENTS', `${JSON.stringify(text)} is not a URL.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ClayError('REFUSED', `${url.protocol}//… is not reachable: only http and https are.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ClayError('REFUSED', 'A URL must not hold a user name or a password: put a secret into a header.');
  }
  return url;
}

function requireHost({ permissions, plugin }: OutboundRequest, url: URL): void {
  if (allows(permissions, { name: 'http', argument: url.hostname })) return;
  throw new ClayError(
    'REFUSED',
    `The plugin "${plugin}" has no permission for ${url.hostname}: declare "http:${url.hostname}" in its manifest.`,
  );
}

/** Fills secrets into the headers of one hop, as far as they may go to its host. */
function fillIn(
  headers: ReadonlyMap<string, string>,
  url: URL,
  { permissions }: OutboundRequest,
  secret: (name: string) => string | undefined,
  used: Set<string>,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, text] of headers) {
    filled[name] = text.replaceAll(secretPlaceholders, (_, wanted: string) => {
      if (!allowsSecret(permissions, wanted, url.hostname)) {
        throw new ClayError(
          'REFUSED',
          `The secret "${wanted}" may not go to ${url.hostname}: declare "secret:${wanted}@${url.hostname}".`,
        );
      }
      const value = secret(wanted);
      if (value === undefined)
        throw new ClayError('NOT_FOUND', `The secret "${wanted}" is not set. Ask the operator to set it.`);
      used.add(value);
      return value;
    });
  }
  return filled;
}

function methodOf(raw: Json | undefined): string {
  const method = String(raw ?? 'GET').toUpperCase();
  if (methodPattern.test(method)) return method;
  throw new ClayError('BAD_ARGUMENTS', `The HTTP method ${JSON.stringify(raw)} is none.`);
}

function headersOf(raw: Json | undefined): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries((raw ?? {}) as JsonObject)) {
    const lower = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(lower))
      throw new ClayError('BAD_ARGUMENTS', `The header name ${JSON.stringify(name)} is none.`);
    if (forbiddenHeaders.has(lower)) throw new ClayError('REFUSED', `The header "${name}" is set by the host.`);
    const text = String(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these would end the header.
    if (/[\u0000\r\n]/.test(text)) throw new ClayError('BAD_ARGUMENTS', `The header "${name}" holds a line break.`);
    headers.set(lower, text);
  }
  if (!headers.has('user-agent')) headers.set('user-agent', 'Clay/0.1');
  return headers;
}

function numberOf(args: JsonObject, name: string, byDefault: number, most: number): number {
  const value = args[name] ?? byDefault;
  if (typeof value !== 'number' || !(value >= 0))
    throw new ClayError('BAD_ARGUMENTS', `"${name}" must be a number from 0 to ${most}, not ${JSON.stringify(value)}.`);
  return Math.min(value, most);
}

function explain(thrown: unknown, url: URL, { plugin, signal }: OutboundRequest): ClayError {
  if (thrown instanceof ClayError) return thrown;
  if (signal.aborted || (thrown instanceof Error && thrown.name === 'AbortError')) {
    return new ClayError('CANCELLED', `The plugin "${plugin}" gave up on ${url.href}.`, { cause: thrown });
  }
  const reason =
    thrown instanceof Error ? thrown.message || String((thrown as NodeJS.ErrnoException).code) : String(thrown);
  return new ClayError('UNAVAILABLE', `${url.href} could not be reached: ${reason}`, { cause: thrown });
}

import { lookup as lookupAll } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ClayError, type IncompleteBody } from '@clay/sdk';

export interface RawRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** Whether the beginning of a body is an answer too. */
  readonly keepIncomplete: boolean;
  readonly isAllowedAddress: (address: string) => boolean;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly incomplete?: IncompleteBody;
}

/** One hop, without following redirects. Only addresses that are allowed are connected to. */
export function sendRequest(request: RawRequest): Promise<RawResponse> {
  const { url, method, headers, body, signal, isAllowedAddress } = request;
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !isAllowedAddress(bare)) return Promise.reject(refusedAddress(url.hostname, bare));
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const outgoing = send(
      url,
      {
        method,
        headers: {
          'accept-encoding': 'gzip, deflate, br',
          ...headers,
          ...(body === undefined ? {} : { 'content-length': body.byteLength }),
        },
        lookup: guardedLookup(isAllowedAddress),
        // A pooled connection would have been checked for another request, under another permission.
        agent: false,
        signal,
        maxHeaderSize: 64 * 1024,
      },
      (incoming) => {
        isAnswered = true;
        read(incoming, request).then(
          (came) => resolve({ status: incoming.statusCode ?? 0, headers: flatten(incoming), ...came }),
          reject,
        );
      },
    );
    // Once there is an answer, its reader hears of the error, and knows what came before it.
    outgoing.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    outgoing.end(body);
  });
}

/** DNS that gives only allowed addresses. The connection goes to what was checked: a second answer cannot slip in. */
function guardedLookup(isAllowedAddress: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const bad = addresses.find(({ address }) => !isAllowedAddress(address));
      // One private address among public ones is a rebinding attempt, not a spare.
      if (bad !== undefined) return callback(refusedAddress(hostname, bad.address), '', 0);
      const [first] = addresses;
      if (first === undefined) return callback(new Error(`${hostname} has no address.`), '', 0);
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

async function read(
  incoming: IncomingMessage,
  { method, maxBytes, url, signal, keepIncomplete }: RawRequest,
): Promise<Pick<RawResponse, 'body' | 'incomplete'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  const begun = () => Buffer.concat(chunks).subarray(0, maxBytes);
  try {
    // The cap counts what comes out of the decoder, so that a small packed body cannot grow without end.
    for await (const chunk of decoded(incoming, method)) {
      const bytes = chunk as Buffer;
      chunks.push(bytes);
      size += bytes.length;
      if (size > maxBytes) break;
    }
  } catch (thrown) {
    const isLate = isTimeout(signal.reason);
    if (!keepIncomplete || size === 0 || (signal.aborted && !isLate)) throw thrown;
    return { body: new Uint8Array(begun()), incomplete: isLate ? 'timeout' : 'broken-off' };
  }
  if (size <= maxBytes) return { body: new Uint8Array(begun()) };
  incoming.destroy();
  if (keepIncomplete) return { body: new Uint8Array(begun()), incomplete: 'too-large' };
  throw new ClayError(
    'TOO_LARGE',
    `The body of ${url.href} is larger than ${maxBytes} bytes. Raise maxBytes, or ask for a part of it.`,
    { output: new TextDecoder().decode(begun().subarray(0, 65_536)) },
  );
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof ClayError && reason.code === 'TIMEOUT';
}

function decoded(incoming: IncomingMessage, method: string): Readable {
  // Such answers name an encoding and have no body: a decoder would wait for its header.
  const isEmpty = method === 'HEAD' || incoming.statusCode === 204 || incoming.statusCode === 304;
  const decoder = isEmpty ? null : decoderOf(incoming.headers['content-encoding']);
  if (decoder === null) return incoming;
  // An error of the socket has to reach the reader of the decoder, who is the only one listening.
  incoming.on('error', (error) => decoder.destroy(error));
  return incoming.pipe(decoder);
}

function decoderOf(encoding: string | undefined) {
  switch (encoding?.toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}

function flatten({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return Object.fromEntries(entries);
}

function refusedAddress(host: string, address: string): ClayError {
  const named = host.replace(/^\[|\]$/g, '') === address ? address : `${host} (${address})`;
  return new ClayError(
    'REFUSED',
    `${named} is a private, loopback or otherwise reserved address: only public hosts are reachable.`,
  );
}

import { lookup as lookupAll } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ClayError } from '@clay/sdk';

export interface RawRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly isAllowedAddress: (address: string) => boolean;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One hop, without following redirects. Only addresses that are allowed are connected to. */
export function sendRequest({
  url,
  method,
  headers,
  body,
  signal,
  maxBytes,
  isAllowedAddress,
}: RawRequest): Promise<RawResponse> {
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !isAllowedAddress(bare)) return Promise.reject(refusedAddress(url.hostname, bare));
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
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
        read(incoming, method, maxBytes, url).then(
          (bytes) => resolve({ status: incoming.statusCode ?? 0, headers: flatten(incoming), body: bytes }),
          reject,
        );
      },
    );
    outgoing.on('error', reject);
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

async function read(incoming: IncomingMessage, method: string, maxBytes: number, url: URL): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The cap counts what comes out of the decoder, so that a small packed body cannot grow without end.
  for await (const chunk of decoded(incoming, method)) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size <= maxBytes) continue;
    incoming.destroy();
    const output = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, Math.min(maxBytes, 65_536)));
    throw new ClayError(
      'TOO_LARGE',
      `The body of ${url.href} is larger than ${maxBytes} bytes. Raise maxBytes, or ask for a part of it.`,
      { output },
    );
  }
  return new Uint8Array(Buffer.concat(chunks));
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

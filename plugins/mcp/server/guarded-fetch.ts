import type { Http, Secrets } from '@clay/sdk';
import type { FetchLike } from './client-library.ts';

export interface GuardedFetchOptions {
  readonly http: Http;
  readonly secrets: Pick<Secrets, 'handle'>;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * The host's requests as the protocol's library wants them. They are read to their end, so that a stream which never
 * ends cannot be had: the server is told by a `405` in its name, as the protocol allows.
 */
export function createGuardedFetch(options: GuardedFetchOptions): FetchLike {
  const { http, secrets, headers, timeoutMs, maxBytes } = options;
  return async (url, init = {}) => {
    const { method = 'GET', body, signal } = init;
    if (method === 'GET') return new Response(null, { status: 405 });
    const filled = Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value.replaceAll(/\$\{(\w+)\}/g, (_all, secret: string) => secrets.handle(secret)),
    ]);
    const answer = await http.fetch(String(url), {
      method,
      headers: { ...Object.fromEntries(new Headers(init.headers)), ...Object.fromEntries(filled) },
      ...(typeof body === 'string' ? { body } : {}),
      ...(signal ? { signal } : {}),
      timeoutMs,
      maxBytes,
      maxRedirects: 0,
    });
    const hasBody = !bodiless.has(answer.status);
    return new Response(hasBody ? new Uint8Array(answer.body) : null, {
      status: answer.status,
      headers: { ...answer.headers },
    });
  };
}

import { ClayError, type Clock, foreignText, type Http, type HttpResponse } from '@clay/sdk';
import { decodeText } from '../page/decode-text.ts';
import { mediaTypeOf } from '../page/media-type.ts';
import type { Page } from '../page/page.ts';
import { type ReadPageOptions, readPage } from '../page/read-page.ts';
import type { Pace } from './pace.ts';
import type { PageCache } from './page-cache.ts';
import type { Robots } from './robots.ts';
import { userAgent } from './user-agent.ts';

export interface PageReaderOptions {
  readonly http: Http;
  readonly clock: Pick<Clock, 'now'>;
  readonly pace: Pace;
  readonly robots: Robots;
  readonly cache: PageCache;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly hostDelayMs: number;
  readonly render: ReadPageOptions['render'];
  /** Origins that are asked by searches only: an instance of the operator's is no page to read. */
  readonly closedOrigins: readonly string[];
}

export interface ReadRequest {
  /** The whole page instead of its article. */
  readonly isWhole: boolean;
  /** Whether a program goes from page to page here, so that robots.txt holds. */
  readonly isCrawl: boolean;
  /** Not from the cache. */
  readonly isFresh: boolean;
  readonly signal: AbortSignal;
}

const accept = 'text/html,application/xhtml+xml,application/pdf,application/json;q=0.9,text/*;q=0.8,*/*;q=0.5';
const maxRedirects = 5;
const shownOfFailure = 2000;
const longestAddress = 2000;

/** Brings a page: permission of the site, cache, pace, guarded request, and what its type is read by. */
export class PageReader {
  readonly #options: PageReaderOptions;

  constructor(options: PageReaderOptions) {
    this.#options = options;
  }

  async read(address: string, request: ReadRequest): Promise<Page & { readonly isCached: boolean }> {
    const { cache, clock, robots, pace, hostDelayMs, render } = this.#options;
    const { isWhole, isCrawl, isFresh, signal } = request;
    const url = parseAddress(address);
    this.#requireOpen(url);
    const sitePauseMs = isCrawl ? await robots.require(url, signal) : 0;
    const shape = render !== null ? 'rendered' : isWhole ? 'whole' : 'article';
    const key = `${shape} ${url.href}`;
    const kept = isFresh ? null : await cache.get(key);
    if (kept !== null) {
      if (isCrawl && kept.url !== url.href) await robots.require(new URL(kept.url), signal);
      return { ...kept, isCached: true };
    }
    const response = await pace.run(url.host, Math.max(hostDelayMs, sitePauseMs), signal, () => this.#get(url, signal));
    const end = new URL(response.url);
    this.#requireOpen(end);
    if (isCrawl && end.href !== url.href) await robots.require(end, signal);
    if (response.status >= 400) throw failureOf(response);
    const page = await readPage(response, { isWhole, signal, render, fetchedAt: clock.now() });
    await cache.set(key, page);
    return { ...page, isCached: false };
  }

  #get(url: URL, signal: AbortSignal): Promise<HttpResponse> {
    const { http, maxBytes, timeoutMs } = this.#options;
    const headers = { 'user-agent': userAgent, accept, 'accept-language': 'en, *;q=0.5' };
    return http.fetch(url.href, { headers, maxBytes, timeoutMs, maxRedirects, keepIncomplete: true, signal });
  }

  #requireOpen(url: URL): void {
    if (!this.#options.closedOrigins.includes(url.origin)) return;
    throw new ClayError(
      'REFUSED',
      `${url.origin} is the operator's search engine: web_search asks it, pages of it are not read.`,
    );
  }
}

function parseAddress(address: string): URL {
  const url = URL.parse(address.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || address.length > longestAddress) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `${JSON.stringify(address.slice(0, 200))} is no address of a page: it begins with https:// or http:// and has at most ${longestAddress} characters. To find pages, use web_search.`,
    );
  }
  url.hash = '';
  return url;
}

/** The page that comes with an error often says why. */
function failureOf({ status, url, headers, body }: HttpResponse): ClayError {
  const code =
    status === 404 || status === 410 ? 'NOT_FOUND' : status === 401 || status === 403 ? 'REFUSED' : 'UNAVAILABLE';
  const wait = headers['retry-after'] === undefined ? '' : ` It asks to wait: Retry-After ${headers['retry-after']}.`;
  const { kind, charset } = mediaTypeOf(headers['content-type'], body);
  const isText = kind !== 'binary' && kind !== 'pdf' && body.byteLength > 0;
  const text = isText ? decodeText(body.subarray(0, shownOfFailure), charset).text : '';
  return new ClayError(code, `${url} answered HTTP ${status}.${wait}`, {
    data: { status, url },
    ...(text.trim() === '' ? {} : { output: foreignText({ origin: 'web', source: url, text }) }),
  });
}

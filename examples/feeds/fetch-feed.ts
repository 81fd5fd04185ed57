import { ClayError, type Http } from '@clay/sdk';
import { type Feed, parseFeed } from './parse-feed.ts';

/** What the server gave to tell the same version by, when it is asked again. */
export interface FeedVersion {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Null when nothing has changed since that version. */
export async function fetchFeed(
  http: Http,
  url: string,
  known: FeedVersion,
  signal: AbortSignal,
): Promise<{ readonly feed: Feed; readonly version: FeedVersion } | null> {
  const response = await http.fetch(url, {
    signal,
    headers: {
      accept: 'application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8',
      ...(known.etag === null ? {} : { 'if-none-match': known.etag }),
      ...(known.lastModified === null ? {} : { 'if-modified-since': known.lastModified }),
    },
  });
  const { status, headers, body } = response;
  if (status === 304) return null;
  if (status !== 200) throw new ClayError('UNAVAILABLE', `${url} answered with status ${status}.`);
  const feed = parseFeed(decode(body, headers['content-type'] ?? ''), response.url);
  return { feed, version: { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null } };
}

/** The encoding stands in the header, or in the XML declaration, which is ASCII in every encoding that feeds use. */
function decode(body: Uint8Array, contentType: string): string {
  const declaration = new TextDecoder('latin1').decode(body.subarray(0, 200));
  const label = /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ?? /encoding=["']([\w-]+)/.exec(declaration)?.[1];
  try {
    return new TextDecoder(label ?? 'utf-8').decode(body);
  } catch (cause) {
    throw new ClayError('BAD_ARGUMENTS', `The feed says that it is written in ${label}, which nobody can read.`, {
      cause,
    });
  }
}

import { ClayError } from '@clay/sdk';
import { decodeEntities } from './entities.ts';
import { child, children, type Element, parseXml, textOf } from './xml.ts';

export interface Feed {
  readonly title: string;
  readonly items: readonly FeedItem[];
}

export interface FeedItem {
  /** What the feed names it by; the same at every reading. */
  readonly id: string;
  readonly title: string;
  readonly link: string | null;
  /** ISO 8601; null when the feed gives no time that can be read. */
  readonly publishedAt: string | null;
  /** Plain text. */
  readonly summary: string;
}

const maxItems = 200;
const maxIdLength = 500;
const maxTitleLength = 200;
const maxSummaryLength = 400;

/** Reads RSS 0.9 to 2.0 and Atom. Links are made absolute by `url`, where the feed came from. */
export function parseFeed(xml: string, url: string): Feed {
  const root = parseXml(xml);
  const rss = child(root, 'rss', 'rdf:RDF', 'RDF');
  const channel = child(rss, 'channel') ?? child(root, 'feed', 'atom:feed');
  if (channel === undefined) throw new ClayError('BAD_ARGUMENTS', explainNoFeed(xml, url));
  // RSS 1.0 has its items beside the channel.
  const holders = rss === undefined ? [channel] : [channel, rss];
  const items = holders.flatMap((holder) => children(holder, 'item', 'entry', 'atom:entry'));
  return {
    title: plainText(child(channel, 'title', 'atom:title'), maxTitleLength) || url,
    items: items.slice(0, maxItems).flatMap((item) => readItem(item, url) ?? []),
  };
}

function readItem(item: Element, url: string): FeedItem | null {
  const link = readLink(item, url);
  const title = plainText(child(item, 'title', 'atom:title'), maxTitleLength);
  const summary = plainText(child(item, 'description', 'summary', 'content', 'content:encoded'), maxSummaryLength);
  const id = textOf(child(item, 'guid', 'id', 'atom:id')).trim() || link || title || summary;
  if (id === '') return null;
  return {
    id: id.slice(0, maxIdLength),
    title: title || summary.slice(0, 80) || id,
    link,
    publishedAt: readTime(child(item, 'pubDate', 'published', 'updated', 'dc:date', 'atom:updated')),
    summary,
  };
}

/** RSS writes the address as text, Atom as `href`, among links to other things. */
function readLink(item: Element, url: string): string | null {
  const links = children(item, 'link', 'atom:link');
  const isMain = (link: Element) => ['alternate', undefined].includes(link.attributes.get('rel'));
  const link = links.find(isMain) ?? links[0];
  const address = link?.attributes.get('href') ?? textOf(link).trim();
  const guid = child(item, 'guid');
  const found = address || (guid?.attributes.get('isPermaLink') === 'false' ? '' : textOf(guid).trim());
  return found === '' ? null : absoluteLink(found, url);
}

/** Null for what is no web address: `javascript:` has no place in front of a person. */
function absoluteLink(address: string, url: string): string | null {
  const link = URL.parse(address, url);
  return link !== null && /^https?:$/.test(link.protocol) ? link.href : null;
}

function readTime(element: Element | undefined): string | null {
  const time = Date.parse(textOf(element).trim());
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** Titles and summaries are HTML within XML, more often than not. */
function plainText(element: Element | undefined, maxLength: number): string {
  const text = decodeEntities(textOf(element).replace(/<[a-zA-Z/!][^<>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).trimEnd()}…`;
}

/** Most often a person gives the address of a page; its head names its feeds. */
function explainNoFeed(text: string, url: string): string {
  const links = [...text.matchAll(/<link\b[^<>]*\btype=["']application\/(?:rss|atom)\+xml["'][^<>]*>/gi)];
  const addresses = links.flatMap(([tag]) => absoluteLink(/\bhref=["']([^"']+)/i.exec(tag)?.[1] ?? '', url) ?? []);
  const advice =
    addresses.length > 0
      ? `It names these feeds: ${addresses.join(', ')}.`
      : `It begins with ${JSON.stringify(text.trim().slice(0, 60))}.`;
  return `${url} is neither RSS nor Atom. ${advice}`;
}

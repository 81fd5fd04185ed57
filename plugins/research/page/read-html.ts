import { setImmediate as breathe } from 'node:timers/promises';
import { isProbablyReaderable, Readability } from '@mozilla/readability';
import { type DomDocument, type DomElement, parseDocument } from './dom.ts';
import { markdownOf } from './markdown.ts';
import type { Content } from './page.ts';
import { tameHtml } from './tame-html.ts';

export interface ReadHtmlOptions {
  /** Its address, which relative links begin at. */
  readonly url: string;
  /** The whole page instead of its article. */
  readonly isWhole: boolean;
}

const hiddenStyle =
  /(^|;)\s*(display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(\.0*)?\s*(;|$)|font-size\s*:\s*0)/i;
const longestUrl = 2000;
/** What is found of an article is less than that where the page is none: a list, a front page. */
const shortestArticle = 300;

/**
 * Reads a page of HTML: its article, or the whole where there is none. Lets others run between its steps: a process that
 * answers nobody for seconds is taken for dead.
 */
export async function readHtml(html: string, { url, isWhole }: ReadHtmlOptions): Promise<Content> {
  const tame = tameHtml(html);
  await breathe();
  const document = prepare(parseDocument(tame.html), url);
  const known = {
    title: oneLine(document.querySelector('title')?.textContent),
    byline: meta(document, 'author', 'article:author'),
    site: meta(document, 'og:site_name', 'application-name'),
    published: meta(document, 'article:published_time', 'date', 'dc.date') ?? timeOf(document),
  };
  await breathe();
  const article = isWhole ? null : await articleOf(document);
  if (article === null) {
    // The search for an article takes the tree apart.
    const { body } = isWhole ? document : prepare(parseDocument(tame.html), url);
    await breathe();
    return { ...known, text: body === null ? '' : markdownOf(body), notes: tame.notes };
  }
  return {
    title: oneLine(article.title) ?? known.title,
    byline: oneLine(article.byline) ?? known.byline,
    site: oneLine(article.siteName) ?? known.site,
    published: oneLine(article.publishedTime) ?? known.published,
    text: article.text,
    notes: tame.notes,
  };
}

/** The page for a program that renders it and must fetch nothing: without what no reader sees, and without what could load. */
export function inertHtml(html: string, url: string): string {
  const document = prepare(parseDocument(tameHtml(html).html), url);
  return tameHtml(String(document.body), { isInert: true }).html;
}

interface Article {
  readonly title: string | null | undefined;
  readonly byline: string | null | undefined;
  readonly siteName: string | null | undefined;
  readonly publishedTime: string | null | undefined;
  readonly text: string;
}

async function articleOf(document: DomDocument): Promise<Article | null> {
  const isReadable = isProbablyReaderable(document as unknown as Parameters<typeof isProbablyReaderable>[0]);
  if (!isReadable) return null;
  const found = new Readability<DomElement>(document as unknown as ConstructorParameters<typeof Readability>[0], {
    keepClasses: true,
    serializer: (node) => node as unknown as DomElement,
  }).parse();
  if (!found?.content) return null;
  await breathe();
  const text = markdownOf(found.content);
  return text.length < shortestArticle ? null : { ...found, text };
}

/** Takes out what no reader sees, and makes links absolute. */
function prepare(document: DomDocument, url: string): DomDocument {
  for (const element of document.querySelectorAll('[hidden], [style], [aria-hidden="true"]')) {
    const style = element.getAttribute('style')?.slice(0, 2000) ?? '';
    if (element.getAttribute('hidden') !== null || hiddenStyle.test(style)) element.remove();
    else element.removeAttribute('style');
  }
  const base = URL.parse(document.querySelector('base')?.getAttribute('href') ?? '', url)?.href ?? url;
  absolute(document, 'a', 'href', base);
  absolute(document, 'img', 'src', base);
  return document;
}

function absolute(document: DomDocument, tag: string, attribute: string, base: string): void {
  for (const element of document.querySelectorAll(`${tag}[${attribute}]`)) {
    const href = element.getAttribute(attribute)!.trim();
    const target = href.length > longestUrl ? null : URL.parse(href, base);
    if (target !== null && /^(https?|mailto):$/.test(target.protocol) && !href.startsWith('#'))
      element.setAttribute(attribute, target.href);
    else element.removeAttribute(attribute);
  }
}

function meta(document: DomDocument, ...names: readonly string[]): string | null {
  for (const element of document.querySelectorAll('meta')) {
    const name = (element.getAttribute('property') ?? element.getAttribute('name') ?? '').toLowerCase();
    const content = names.includes(name) ? oneLine(element.getAttribute('content')) : null;
    if (content !== null) return content;
  }
  return null;
}

function timeOf(document: DomDocument): string | null {
  return oneLine(document.querySelector('article time[datetime], time[pubdate]')?.getAttribute('datetime'));
}

function oneLine(text: string | null | undefined): string | null {
  const line = text?.slice(0, 1000).replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  return line ? line : null;
}

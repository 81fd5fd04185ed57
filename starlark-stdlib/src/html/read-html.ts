import { unescapeHtml } from './entities.ts';

/** A piece of a page: text, or a tag with its name in lower case. */
type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tag'; readonly name: string; readonly isEnd: boolean; readonly source: string };

/** Elements whose content is no text of the page. */
const hidden: ReadonlySet<string> = new Set(['script', 'style', 'noscript', 'template', 'svg', 'head']);
/** Elements whose content is not markup: it ends at their own end tag only. */
const raw: ReadonlySet<string> = new Set(['script', 'style', 'textarea', 'title']);
const blocks: ReadonlySet<string> = new Set(
  'address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
);

/** One pass, without ever going back: hostile pages take linear time. */
function* tokens(html: string): Generator<Token> {
  let position = 0;
  while (position < html.length) {
    const open = html.indexOf('<', position);
    if (open < 0) {
      yield { kind: 'text', text: html.slice(position) };
      return;
    }
    if (open > position) yield { kind: 'text', text: html.slice(position, open) };
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      if (end < 0) return;
      position = end + 3;
      continue;
    }
    const name = /[a-z][a-z\d-]*|[!?]/iy;
    const isEnd = html[open + 1] === '/';
    name.lastIndex = open + (isEnd ? 2 : 1);
    const found = name.exec(html)?.[0].toLowerCase();
    if (found === undefined) {
      yield { kind: 'text', text: '<' };
      position = open + 1;
      continue;
    }
    const end = endOfTag(html, name.lastIndex);
    yield { kind: 'tag', name: found, isEnd, source: html.slice(name.lastIndex, end) };
    position = end + 1;
    if (!isEnd && raw.has(found)) {
      const close = endOfRaw(html, position, found);
      if (!hidden.has(found) && close > position) yield { kind: 'text', text: html.slice(position, close) };
      position = close;
    }
  }
}

/** The place of the `>` that closes a tag: one within quotes does not. */
function endOfTag(html: string, from: number): number {
  let quote = '';
  for (let place = from; place < html.length; place++) {
    const character = html[place]!;
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '>') return place;
    else if ((character === '"' || character === "'") && /[=\s]/.test(html[place - 1] ?? '')) quote = character;
  }
  return html.length;
}

function endOfRaw(html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

/** What a reader of the page sees: text with a line per block, without scripts and styles. */
export function readText(html: string): string {
  const parts: string[] = [];
  const skipping: string[] = [];
  for (const token of tokens(html)) {
    if (token.kind === 'text') {
      if (skipping.length === 0) parts.push(unescapeHtml(token.text).replaceAll(/[ \t\r\n\f]+/g, ' '));
      continue;
    }
    const { name, isEnd, source } = token;
    if (hidden.has(name)) {
      if (isEnd && skipping.at(-1) === name) skipping.pop();
      else if (!isEnd && !source.endsWith('/')) skipping.push(name);
    } else if (name === 'body') skipping.length = 0;
    if (blocks.has(name)) parts.push('\n');
    else if (name === 'td' || name === 'th') parts.push(isEnd ? '' : '\t');
  }
  return (
    parts
      .join('')
      .split('\n')
      // Runs of spaces first: a pattern that may begin anywhere in a long one would look at it again from every place.
      .map((line) =>
        line
          .trim()
          .replaceAll(/ {2,}/g, ' ')
          .replaceAll(/ ?\t ?/g, '\t'),
      )
      .join('\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim()
  );
}

export interface Link {
  readonly href: string;
  readonly label: string;
}

/** The links of a page in order, with the text that a reader clicks on. */
export function readLinks(html: string): Link[] {
  const links: Link[] = [];
  let href: string | null = null;
  let label: string[] = [];
  const finish = (): void => {
    if (href !== null) links.push({ href, label: label.join('').replaceAll(/\s+/g, ' ').trim() });
    href = null;
    label = [];
  };
  for (const token of tokens(html)) {
    if (token.kind === 'text') {
      if (href !== null) label.push(unescapeHtml(token.text));
    } else if (token.name === 'a') {
      finish();
      if (!token.isEnd) href = attribute(token.source, 'href');
    }
  }
  finish();
  return links;
}

function attribute(source: string, wanted: string): string | null {
  for (const [, name, double, single, bare] of source.matchAll(
    /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g,
  )) {
    if (name?.toLowerCase() === wanted) return unescapeHtml(double ?? single ?? bare ?? '').trim();
  }
  return null;
}

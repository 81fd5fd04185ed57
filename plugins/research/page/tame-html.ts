/** HTML whose tree is bounded, so that what walks it ends in time. */
export interface TameHtml {
  readonly html: string;
  readonly notes: readonly string[];
}

const maxTags = 20_000;
const maxDepth = 100;
const maxTextChars = 500_000;
/** Of a tag, attributes that begin later are left out. */
const maxTagChars = 4096;
const maxDataChars = 65_536;

/** What is asked of an element later. A thousand attributes on each would cost their square. */
const keptAttributes = new Set(
  'alt aria-hidden class content datetime hidden href id itemprop lang name property pubdate rel role src start style'.split(
    ' ',
  ),
);

const voidTags = new Set(
  'area base br col embed hr img input link meta param source track wbr basefont bgsound frame keygen'.split(' '),
);
/** What a page could have fetched by: nothing of it reaches a program that might. */
const fetchingTags = new Set(
  'link meta base img image svg video audio source track object embed input frame applet portal'.split(' '),
);
const inertAttributes = new Set('alt dir hidden lang start title'.split(' '));

/** Without their contents: nothing in them is text of the page. */
const droppedTags = new Set(['script', 'style', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext']);
/** An element that ends when one of its kind begins. */
const closedBySibling: Readonly<Record<string, readonly string[]>> = {
  p: ['p'],
  li: ['li'],
  dt: ['dt', 'dd'],
  dd: ['dt', 'dd'],
  tr: ['tr', 'td', 'th'],
  td: ['td', 'th'],
  th: ['td', 'th'],
  option: ['option'],
};

/**
 * Copies HTML in one pass, without scripts, styles and comments, and with at most so many tags, so deep and so long each.
 * The text stays, whatever becomes of its tags. Linear in the length of any input. `isInert` leaves nothing that a browser
 * could fetch.
 */
export function tameHtml(html: string, { isInert = false }: { readonly isInert?: boolean } = {}): TameHtml {
  const parts: string[] = [];
  const open: string[] = [];
  const notes = new Set<string>();
  let tooDeep = 0;
  let tags = 0;
  let at = 0;
  let chars = 0;
  const addText = (text: string) => {
    const room = Math.max(0, maxTextChars - chars);
    if (text.length > room) notes.add(`Only its first ${maxTextChars} characters were read.`);
    parts.push(text.slice(0, room));
    chars += text.length;
  };
  while (at < html.length && chars <= maxTextChars) {
    const start = html.indexOf('<', at);
    if (start < 0) break;
    addText(html.slice(at, start));
    const tag = readTag(html, start);
    at = tag.end;
    if (tag.name === null) {
      addText(tag.source);
      continue;
    }
    if (++tags > maxTags) {
      notes.add(`Only its first ${maxTags} tags were read.`);
      at = html.length;
      break;
    }
    if (tag.isClosing) {
      const index = open.lastIndexOf(tag.name);
      if (tooDeep > 0) tooDeep--;
      else if (index >= 0) {
        open.length = index;
        parts.push(`</${tag.name}>`);
      }
      continue;
    }
    if (isInert && fetchingTags.has(tag.name)) continue;
    if (droppedTags.has(tag.name)) {
      const end = endOfRaw(html, at, tag.name);
      const isData = !isInert && tag.name === 'script' && /\bld\+json\b/i.test(tag.source) && end - at < maxDataChars;
      if (isData) parts.push('<script type="application/ld+json">', html.slice(at, end), '</script>');
      at = end;
      continue;
    }
    const siblings = closedBySibling[tag.name] ?? [];
    while (open.length > 0 && siblings.includes(open.at(-1)!)) open.pop();
    if (open.length >= maxDepth) {
      notes.add(`It is nested deeper than ${maxDepth} elements; what lies below was read as text.`);
      if (!voidTags.has(tag.name)) tooDeep++;
      continue;
    }
    if (!voidTags.has(tag.name)) open.push(tag.name);
    parts.push(`<${tag.name}${attributesOf(tag, isInert ? inertAttributes : keptAttributes)}>`);
  }
  addText(html.slice(at));
  return { html: parts.join(''), notes: [...notes] };
}

function attributesOf({ name, source }: Tag, wanted: ReadonlySet<string>): string {
  const kept = new Map<string, string>();
  const pattern = /([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?/g;
  pattern.lastIndex = 1 + (name?.length ?? 0);
  const head = source.slice(0, maxTagChars);
  for (let match = pattern.exec(head); match !== null; match = pattern.exec(head)) {
    const attribute = match[1]!.toLowerCase();
    if (wanted.has(attribute) && !kept.has(attribute)) kept.set(attribute, match[2] ?? '""');
  }
  return Array.from(kept, ([attribute, value]) => ` ${attribute}=${value}`).join('');
}

interface Tag {
  /** Null for what is no tag: a comment, a declaration, a lone bracket. */
  readonly name: string | null;
  readonly isClosing: boolean;
  readonly source: string;
  readonly end: number;
}

function readTag(html: string, start: number): Tag {
  const other = (source: string, end: number) => ({ name: null, isClosing: false, source, end });
  if (html.startsWith('<!--', start)) return other('', after(html, '-->', start + 4));
  const next = html[start + 1] ?? '';
  if (next === '!' || next === '?') return other('', after(html, '>', start + 2));
  const isClosing = next === '/';
  const nameStart = start + (isClosing ? 2 : 1);
  const name = /^[a-zA-Z][^\s/>]{0,60}/.exec(html.slice(nameStart, nameStart + 64))?.[0];
  if (name === undefined) return isClosing ? other('', after(html, '>', start + 2)) : other('&lt;', start + 1);
  const end = endOfTag(html, nameStart + name.length);
  return { name: name.toLowerCase(), isClosing, source: html.slice(start, end), end };
}

/** The place behind the `>` that ends a tag: one in a quoted value does not. */
function endOfTag(html: string, from: number): number {
  let quote = '';
  let isValue = false;
  for (let at = from; at < html.length; at++) {
    const char = html[at]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '>') return at + 1;
    else if (isValue && (char === '"' || char === "'")) quote = char;
    if (char.trim() !== '') isValue = char === '=' && quote === '';
  }
  return html.length;
}

function endOfRaw(html: string, from: number, name: string): number {
  const closing = new RegExp(`</${name}[\\s/>]`, 'gi');
  closing.lastIndex = from;
  return closing.exec(html)?.index ?? html.length;
}

function after(html: string, text: string, from: number): number {
  const index = html.indexOf(text, from);
  return index < 0 ? html.length : index + text.length;
}

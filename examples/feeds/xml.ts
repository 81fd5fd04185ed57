import { ClayError } from '@clay/sdk';
import { decodeEntities } from './entities.ts';

/** An element with what stands in it, in order. Names keep their prefix: `dc:date`. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly content: readonly (Element | string)[];
}

interface OpenElement extends Element {
  readonly content: (Element | string)[];
}

/** Deeper than any feed; it bounds the search for the element that an end tag closes. */
const maxDepth = 100;

/**
 * Comments, CDATA, declarations and tags, each closed or ended by the end of the text. Sticky, and able to match wherever it
 * has begun: no character is looked at twice.
 */
const markup =
  /<!--(?:[\s\S]*?-->|[\s\S]*)|<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)|<[!?][^>]*>?|<(\/?)([\w:.-]+)((?:[^>"']+|"[^"]*"?|'[^']*'?)*)>?/y;
const attribute = /(?<![\w:.-])([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Reads XML as the feeds of the world write it: what is not closed ends with its parent, and a `<` that starts nothing is
 * text. Entities that the document declares are left as they stand, so that none can grow.
 */
export function parseXml(text: string): Element {
  const root: OpenElement = { name: '', attributes: new Map(), content: [] };
  const open = [root];
  const add = (child: Element | string) => open.at(-1)!.content.push(child);
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf('<', at);
    const end = start < 0 ? text.length : start;
    if (end > at) add(decodeEntities(text.slice(at, end)));
    if (start < 0) break;
    markup.lastIndex = start;
    const match = markup.exec(text);
    at = match === null ? start + 1 : markup.lastIndex;
    const [, data, slash, name, attributes = ''] = match ?? [];
    if (match === null) add('<');
    else if (data !== undefined) add(data);
    else if (name !== undefined && slash === '/') close(open, name);
    else if (name !== undefined) {
      const element: OpenElement = { name, attributes: readAttributes(attributes), content: [] };
      add(element);
      if (!attributes.endsWith('/')) open.push(element);
      if (open.length > maxDepth)
        throw new ClayError('BAD_ARGUMENTS', `The XML has more than ${maxDepth} elements in each other.`);
    }
  }
  return root;
}

/** The first child of one of these names. */
export function child(element: Element | undefined, ...names: readonly string[]): Element | undefined {
  return element === undefined ? undefined : children(element, ...names)[0];
}

export function children(element: Element, ...names: readonly string[]): readonly Element[] {
  return element.content.filter((one): one is Element => typeof one !== 'string' && names.includes(one.name));
}

/** All text within, without tags. */
export function textOf(element: Element | undefined): string {
  if (element === undefined) return '';
  return element.content.map((one) => (typeof one === 'string' ? one : textOf(one))).join('');
}

/** An end tag that closes nothing is passed over. */
function close(open: Element[], name: string): void {
  const at = open.findLastIndex((element) => element.name === name);
  if (at > 0) open.length = at;
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(attribute)].map(([, name, double, single]) => [name!, decodeEntities(double ?? single ?? '')]),
  );
}

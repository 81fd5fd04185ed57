import { charge, HostFunction, StarlarkList, StarlarkTuple, tick, type Value } from 'starlark-js';
import { unescapeHtml } from '../html/entities.ts';
import { readLinks, readText } from '../html/read-html.ts';

/** Reading a page walks it a few times, and holds a few copies of its text. */
function reserve(html: string): void {
  tick(html.length);
  charge(4 * html.length);
}

function text(html: string): string {
  reserve(html);
  return readText(html);
}

function links(html: string): Value {
  reserve(html);
  return new StarlarkList(readLinks(html).map(({ href, label }) => new StarlarkTuple([href, label])));
}

function decode(html: string): string {
  reserve(html);
  return unescapeHtml(html);
}

const functions: readonly HostFunction[] = [
  new HostFunction('html_text(html: str) -> str', text),
  new HostFunction('html_links(html: str) -> list', links),
  new HostFunction('html_unescape(html: str) -> str', decode),
];

export const htmlNatives: ReadonlyMap<string, Value> = new Map(functions.map((each) => [each.name, each]));

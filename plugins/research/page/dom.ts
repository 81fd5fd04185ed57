import { parseHTML } from 'linkedom';

/** What is used of an element of a parsed page. */
export interface DomElement {
  readonly localName: string;
  readonly textContent: string | null;
  readonly children: ArrayLike<DomElement>;
  readonly parentElement: DomElement | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  remove(): void;
}

export interface DomDocument extends DomElement {
  readonly body: DomElement | null;
  readonly documentElement: DomElement | null;
}

/** Parses HTML, and runs nothing of it. */
export function parseDocument(html: string): DomDocument {
  // A text without `<html>` would become a document without a body.
  const whole = /<html[\s>]/i.test(html.slice(0, 4096)) ? html : `<!doctype html><html><body>${html}</body></html>`;
  const { document } = parseHTML(whole);
  // Every entity makes a text node of its own; a page of a million of them would be walked for ever.
  document.normalize();
  return document as unknown as DomDocument;
}

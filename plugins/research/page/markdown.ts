import Turndown from 'turndown';
import type { DomElement } from './dom.ts';

/** Renders an element as Markdown, with tables and code blocks. */
export function markdownOf(element: DomElement): string {
  return (
    service
      .turndown(element as unknown as Turndown.Node)
      // Pages are full of empty elements.
      .replaceAll(/[ \t]+\n/g, '\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim()
  );
}

const service = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-', hr: '---' });
// The reader is a model, to whom `snake\_case` is another word than `snake_case`.
service.escape = (text) => text;
service.remove(['script', 'style', 'noscript', 'template', 'button', 'select']);

const itemCounts = new WeakMap<DomElement, number>();
service.addRule('item', {
  filter: 'li',
  replacement(content, node) {
    const list = (node as unknown as DomElement).parentElement;
    // Counted as they come: to ask the list for the place of each item costs the square of their number.
    const count = list === null ? 0 : (itemCounts.get(list) ?? 0);
    if (list !== null) itemCounts.set(list, count + 1);
    const first = Number.parseInt(list?.getAttribute('start') ?? '1', 10) || 1;
    const prefix = list?.localName === 'ol' ? `${first + count}. ` : '- ';
    return `${prefix}${content.trim().replaceAll('\n', `\n${' '.repeat(prefix.length)}`)}\n`;
  },
});
service.addRule('cell', {
  filter: ['td', 'th'],
  replacement(content, node) {
    if (isLayout(tableOf(node as unknown as DomElement))) return `\n\n${content.trim()}\n\n`;
    return `| ${content
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ')
      .replaceAll('|', '\\|')} `;
  },
});
service.addRule('row', {
  filter: 'tr',
  replacement(content, node) {
    const row = node as unknown as DomElement;
    const table = tableOf(row);
    if (isLayout(table) || content.trim() === '') return content;
    const isFirst = table?.querySelector('tr') === row;
    return `${content.trim()} |\n${isFirst ? `${'| --- '.repeat(cellCount(row))}|\n` : ''}`;
  },
});
service.addRule('row-group', { filter: ['thead', 'tbody', 'tfoot'], replacement: (content) => content });
service.addRule('table', { filter: 'table', replacement: (content) => `\n\n${content.trim()}\n\n` });
service.addRule('image', {
  filter: 'img',
  replacement(_, node) {
    const image = node as unknown as DomElement;
    const [label, source] = [image.getAttribute('alt')?.trim(), image.getAttribute('src')];
    return label && source ? `![${label.replaceAll(/\s+/g, ' ')}](${source})` : '';
  },
});

function tableOf(element: DomElement): DomElement | null {
  let at = element.parentElement;
  while (at !== null && at.localName !== 'table') at = at.parentElement;
  return at;
}

function cellCount(row: DomElement): number {
  return Array.from(row.children).filter(({ localName }) => localName === 'td' || localName === 'th').length;
}

const layouts = new WeakMap<DomElement, boolean>();

/** One column, or tables in its cells: it places things and lists nothing. */
function isLayout(table: DomElement | null): boolean {
  if (table === null) return true;
  const known = layouts.get(table);
  if (known !== undefined) return known;
  const first = table.querySelector('tr');
  const found = first === null || cellCount(first) < 2 || table.querySelector('table') !== null;
  layouts.set(table, found);
  return found;
}

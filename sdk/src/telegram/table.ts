import { renderInline } from './inline.ts';
import type { Cell } from './lexer.ts';
import { plainRun, type Run, tag, textOf } from './run.ts';
import { columnsOf } from './width.ts';

/** A wider table is unreadable on a phone, and padding would make long cells longer still. In columns. */
const widest = 80;

interface Table {
  readonly header: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
  readonly align: readonly ('left' | 'right' | 'center' | null)[];
}

/** A table as aligned text in `<pre>`; one that is too wide as a list of its rows. */
export function renderTable({ header, rows, align }: Table): Run[] {
  const cells = [header, ...rows].map((row) => row.map(cellText));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => columnsOf(row[column] ?? ''))));
  const total = widths.reduce((sum, width) => sum + width + 3, -3);
  if (total > widest) return renderAsList(header, rows);
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width, align[column] ?? 'left'))
      .join(' │ ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('─┼─');
  const [head, ...body] = cells;
  return [{ text: [line(head!), rule, ...body.map(line)].join('\n'), tags: [tag('pre')] }];
}

function renderAsList(header: readonly Cell[], rows: readonly (readonly Cell[])[]): Run[] {
  if (rows.length === 0)
    return header.flatMap((cell, index) => [...separator(index, ' │ '), ...renderInline(cell.tokens)]);
  return rows.flatMap((row, index) => [
    ...separator(index, '\n\n'),
    ...row.flatMap((cell, column) => [
      plainRun(column === 0 ? '• ' : '\n  '),
      ...renderInline(header[column]?.tokens ?? [], [tag('b')]),
      plainRun(': '),
      ...renderInline(cell.tokens),
    ]),
  ]);
}

const separator = (index: number, text: string) => (index === 0 ? [] : [plainRun(text)]);

function cellText(cell: Cell): string {
  return textOf(renderInline(cell.tokens))
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
}

function pad(text: string, width: number, align: 'left' | 'right' | 'center'): string {
  const room = width - columnsOf(text);
  const left = align === 'right' ? room : align === 'center' ? Math.floor(room / 2) : 0;
  return ' '.repeat(left) + text + ' '.repeat(room - left);
}

import { stripVTControlCharacters } from 'node:util';

/** Columns of equal width, the last one as long as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_unused, index) =>
    Math.max(0, ...rows.map((row) => visibleWidth(row[index] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          index === row.length - 1 ? cell : cell + ' '.repeat(widths[index]! - visibleWidth(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

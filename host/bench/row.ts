/** One line of the table: what was measured, against which target, and whether it was met. */
export interface Row {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly isMet: boolean;
}

export function printTable(rows: readonly Row[]): void {
  const cells = [
    ['what', 'target', 'measured', ''],
    ...rows.map((row) => [row.what, row.target, row.measured, row.isMet ? 'met' : 'MISSED']),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]!.length)));
  for (const line of cells)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}

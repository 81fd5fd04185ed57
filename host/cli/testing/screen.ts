/** What a terminal of this width shows after some output: enough of one for a line editor. */
export function renderScreen(output: string, columns: number): string {
  const rows: string[][] = [[]];
  let [x, y, savedX, savedY] = [0, 0, 0, 0];
  const row = () => {
    while (rows.length <= y) rows.push([]);
    return rows[y]!;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is made of them
  for (const [, count, command, other] of output.matchAll(/\u001b\[([\d;]*)([A-Za-z])|(\u001b[78]|[\s\S])/gu)) {
    const n = Number(count || 1);
    if (command === 'A') y = Math.max(0, y - n);
    else if (command === 'B') y += n;
    else if (command === 'C') x = Math.min(columns - 1, x + n);
    else if (command === 'D') x = Math.max(0, x - n);
    else if (command === 'G') x = n - 1;
    else if (command === 'J') {
      row().length = Math.min(row().length, x);
      rows.length = y + 1;
    } else if (other === '\u001b7') [savedX, savedY] = [x, y];
    else if (other === '\u001b8') [x, y] = [savedX, savedY];
    else if (other === '\r') x = 0;
    else if (other === '\n') y += 1;
    else if (other !== undefined) {
      if (x === columns) [x, y] = [0, y + 1];
      const line = row();
      while (line.length < x) line.push(' ');
      line[x] = other;
      x += 1;
    }
  }
  return rows.map((line) => line.join('').trimEnd()).join('\n');
}

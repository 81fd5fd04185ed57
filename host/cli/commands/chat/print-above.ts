import { clearScreenDown, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { Terminal } from '../../terminal/terminal.ts';

const saveCursor = '\u001b7';
const restoreCursor = '\u001b8';

/** Prints a line above the prompt; what was typed so far, and the cursor in it, stay as they are. */
export function printAbove(lines: Interface, terminal: Terminal, text: string): void {
  const { output } = terminal;
  const { line, cursor } = lines;
  const behind = [...line.slice(cursor)].length;
  const { rows, cols } = lines.getCursorPos();
  // The editor does not know on how many rows a line stands that was pasted, so its first row is remembered here.
  moveCursor(output, 0, -rows);
  cursorTo(output, 0);
  output.write(saveCursor);
  moveCursor(output, 0, rows);
  cursorTo(output, cols);
  // Emptied through the editor's own keys: it would redraw the line over what is printed.
  lines.write(null, { ctrl: true, name: 'e' });
  lines.write(null, { ctrl: true, name: 'u' });
  output.write(restoreCursor);
  clearScreenDown(output);
  terminal.print(text);
  lines.prompt();
  if (line !== '') lines.write(line);
  for (let step = 0; step < behind; step += 1) lines.write(null, { name: 'left' });
}

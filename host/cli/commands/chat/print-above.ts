import { clearScreenDown, cursorTo, type Interface } from 'node:readline';
import type { Terminal } from '../../terminal/terminal.ts';

/** Prints a line above the prompt; what was typed so far, and the cursor in it, stay as they are. */
export function printAbove(lines: Interface, terminal: Terminal, text: string): void {
  const { line, cursor } = lines;
  const behind = [...line.slice(cursor)].length;
  // Through the editor's own keys: it has to know on how many rows its line stands.
  lines.write(null, { ctrl: true, name: 'e' });
  lines.write(null, { ctrl: true, name: 'u' });
  cursorTo(terminal.output, 0);
  clearScreenDown(terminal.output);
  terminal.print(text);
  lines.prompt();
  if (line !== '') lines.write(line);
  for (let step = 0; step < behind; step += 1) lines.write(null, { name: 'left' });
}

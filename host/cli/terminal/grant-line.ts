import type { PluginStatus } from '../../kernel/plugin-status.ts';
import { safeLine } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

/** Tells what a plugin asks for in vain, and both ways to allow it: the command, and the line of clay.json. */
export function printWithheld(terminal: Terminal, { name, withheld }: Pick<PluginStatus, 'name' | 'withheld'>): void {
  if (withheld.length === 0) return;
  const wanted = withheld.map((permission) => safeLine(permission, 200));
  terminal.print(terminal.style('yellow', `${safeLine(name, 64)} asks for more than it may: ${wanted.join(', ')}`));
  terminal.print(`  To allow it: clay grant ${safeLine(name, 64)} ${wanted.map(quote).join(' ')}`);
  terminal.print(`  or in clay.json: "ceilings": { ${JSON.stringify(name)}: ${JSON.stringify(wanted)} }`);
}

function quote(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

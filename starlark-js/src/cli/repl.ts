import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dialectOf, readOptions } from './options.ts';
import { Session } from './session.ts';
import { SUCCESS, type Terminal } from './terminal.ts';

export const replHelp = `starlark repl                        read, run and show, line by line; a blank line ends a block
  Tab completes names, attributes and keywords. The history is kept in $STARLARK_HISTORY (default ~/.starlark_history).`;

const MOST_HISTORY = 1000;

export async function repl(terminal: Terminal, given: readonly string[]): Promise<number> {
  const line = readOptions(given, { strict: { type: 'boolean' } });
  const session = new Session(terminal, dialectOf(line));
  const isInteractive = process.stdin.isTTY === true;
  const file = process.env.STARLARK_HISTORY ?? join(homedir(), '.starlark_history');
  const reader = createInterface({
    input: process.stdin,
    ...(isInteractive ? { output: process.stdout } : {}),
    completer: (text: string) => session.complete(text),
    history: isInteractive ? readHistory(file) : [],
    historySize: MOST_HISTORY,
  });
  const prompt = (): void => {
    if (!isInteractive) return;
    reader.setPrompt(session.isIncomplete ? '... ' : '>>> ');
    reader.prompt();
  };
  reader.on('SIGINT', () => {
    session.forget();
    terminal.out('\n');
    // To the end of the line, and away with all before it.
    reader.write(null, { ctrl: true, name: 'e' });
    reader.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
  prompt();
  for await (const text of reader) {
    if (isInteractive && text.trim() !== '') remember(file, text);
    await session.take(text);
    prompt();
  }
  await session.end();
  return SUCCESS;
}

/** Newest first, as readline wants it. */
function readHistory(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .slice(-MOST_HISTORY)
    .reverse();
}

function remember(file: string, text: string): void {
  appendFileSync(file, `${text}\n`, { mode: 0o600 });
}

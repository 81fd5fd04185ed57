import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Terminal } from './terminal.ts';
import { UsageError } from './terminal.ts';

/** A program and the name it is shown by. */
export interface Input {
  readonly name: string;
  /** Where it stands; null for standard input and for text of the command line. */
  readonly path: string | null;
  readonly text: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

export function readInput(terminal: Terminal, word: string): Input {
  if (word === '-') return { name: '<stdin>', path: null, text: terminal.readInput() };
  const path = resolve(terminal.folder, word);
  try {
    return { name: word, path, text: decoder.decode(readFileSync(path)) };
  } catch (error) {
    throw new UsageError(`cannot read ${word}: ${reason(error)}`, { cause: error });
  }
}

/** Files as they are named, and every `.star` file of the folders that are named. */
export function readInputs(terminal: Terminal, words: readonly string[]): Input[] {
  return words
    .flatMap((word) => (word !== '-' && isFolder(terminal, word) ? starFiles(terminal, word) : [word]))
    .map((word) => readInput(terminal, word));
}

function isFolder(terminal: Terminal, word: string): boolean {
  return statSync(resolve(terminal.folder, word), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function starFiles(terminal: Terminal, folder: string): string[] {
  const root = resolve(terminal.folder, folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.star') && !name.split(/[\\/]/).includes('node_modules'))
    .sort()
    .map((name) => relative(terminal.folder, join(root, name)));
}

function reason(error: unknown): string {
  if (error instanceof TypeError) return 'it is not UTF-8 text';
  return error instanceof Error ? error.message.replace(/^\w+: /, '').replace(/, \w+ '.*'$/, '') : String(error);
}

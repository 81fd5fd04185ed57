import { open, readdir } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { ClayError } from '@clay/sdk';
import { IgnoreRules } from './ignore-rules.ts';

const maxVisited = 200_000;
const maxSearchedBytes = 2 * 1024 * 1024;
const shownLineChars = 200;

export interface SearchQuery {
  /** A glob: against the name, or against the path when it holds a slash. */
  readonly glob: string;
  /** A plain text that a line has to hold. */
  readonly text: string | undefined;
  readonly ignoreCase: boolean;
  readonly limit: number;
  readonly signal: AbortSignal;
  /** What is never shown. */
  readonly isHidden: (path: string) => boolean;
}

export interface SearchResult {
  /** Paths below the folder, or `path:line: text` when a text was searched for. */
  readonly matches: readonly string[];
  readonly count: number;
  /** Set when there may be more matches than are given. */
  readonly truncated?: true;
  /** Folders and files that could not be read, or were too large or binary to be searched. */
  readonly skipped?: number;
}

/** Searches a folder in the order of names. Symbolic links are not followed. */
export async function searchFiles(folder: string, query: SearchQuery): Promise<SearchResult> {
  const matches: string[] = [];
  let visited = 0;
  let skipped = 0;
  let isCut = false;

  const visitFile = async (path: string): Promise<void> => {
    if (query.text === undefined) {
      matches.push(path);
      return;
    }
    const lines = await searchContent(
      join(folder, path),
      query.text,
      query.ignoreCase,
      query.limit - matches.length + 1,
    );
    if (lines === null) skipped += 1;
    else matches.push(...lines.map((line) => `${path}:${line}`));
  };

  const walk = async (path: string, rules: IgnoreRules): Promise<void> => {
    const entries = await readdir(join(folder, path), { withFileTypes: true }).catch((error) => {
      if (path === '') throw error;
      skipped += 1;
      return [];
    });
    const inner = await rules.within(join(folder, path), path);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (query.signal.aborted) throw new ClayError('CANCELLED', `The search was cancelled after ${visited} entries.`);
      visited += 1;
      isCut ||= visited > maxVisited || matches.length > query.limit;
      if (isCut) return;
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (inner.ignores(child, entry.name, entry.isDirectory()) || query.isHidden(child)) continue;
      if (entry.isDirectory()) await walk(child, inner);
      else if (entry.isFile() && fits(query.glob, child, entry.name)) await visitFile(child);
    }
  };

  await walk('', new IgnoreRules());
  const shown = matches.slice(0, query.limit);
  return {
    matches: shown,
    count: shown.length,
    ...(isCut || matches.length > query.limit ? { truncated: true } : {}),
    ...(skipped > 0 ? { skipped } : {}),
  };
}

function fits(glob: string, path: string, name: string): boolean {
  return matchesGlob(glob.includes('/') ? path : name, glob);
}

/** `line: text` of the lines that hold a text; null when the file cannot be searched. */
async function searchContent(
  file: string,
  wanted: string,
  ignoreCase: boolean,
  limit: number,
): Promise<string[] | null> {
  const bytes = await readSmall(file);
  if (bytes === null || bytes.includes(0)) return null;
  const text = bytes.toString('utf8');
  const fold = (part: string) => (ignoreCase ? part.toLowerCase() : part);
  const needle = fold(wanted);
  // Most files hold nothing: one look tells.
  if (!fold(text).includes(needle)) return [];
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (found.length >= limit) break;
    if (fold(line).includes(needle)) found.push(`${index + 1}: ${line.trim().slice(0, shownLineChars).toWellFormed()}`);
  }
  return found;
}

async function readSmall(file: string): Promise<Buffer | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      return size > maxSearchedBytes ? null : await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch {
    // Counted as skipped: one unreadable file does not end a search.
    return null;
  }
}

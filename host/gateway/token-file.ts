import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClayError } from '@clay/sdk';
import { makeTokenValue } from './token.ts';

export interface FoundToken {
  readonly value: string;
  /** Made just now: show it once. */
  readonly isNew: boolean;
  readonly from: 'CLAY_TOKEN' | 'file';
  /** The file was readable by others, and no longer is. */
  readonly wasExposed: boolean;
}

export function tokenFile(dataFolder: string): string {
  return join(dataFolder, 'token');
}

/** Shorter ones could be guessed; a token of our own has 43 characters. */
const shortest = 16;

/** The token that the operator set, else the one in `data/token`, else a new one that is put there with mode 0600. */
export function findToken(fromEnvironment: string | null, dataFolder: string): FoundToken {
  if (fromEnvironment !== null) {
    const value = checkToken(fromEnvironment, 'CLAY_TOKEN');
    return { value, isNew: false, from: 'CLAY_TOKEN', wasExposed: false };
  }
  const file = tokenFile(dataFolder);
  const found = readToken(file);
  if (found !== null) return { ...found, isNew: false, from: 'file' };
  const value = makeTokenValue();
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${value}\n`, { mode: 0o600, flush: true });
  try {
    // A link, unlike a rename, fails when another process was first; then its token counts.
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const winner = readToken(file);
    if (winner !== null) return { ...winner, isNew: false, from: 'file' };
  } finally {
    rmSync(temporary, { force: true });
  }
  return { value, isNew: true, from: 'file', wasExposed: false };
}

/** The token in the file, or null when there is none. */
export function readToken(file: string): { readonly value: string; readonly wasExposed: boolean } | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const value = checkToken(text.trim(), file);
  const wasExposed = (statSync(file).mode & 0o077) !== 0;
  if (wasExposed) chmodSync(file, 0o600);
  return { value, wasExposed };
}

function checkToken(value: string, name: string): string {
  if (/^\S+$/.test(value) && value.length >= shortest) return value;
  const why = value.length < shortest ? `has ${value.length} characters` : 'has white space in it';
  throw new ClayError(
    'BAD_ARGUMENTS',
    `The token in ${name} ${why}. It needs at least ${shortest} characters without white space, such as ${makeTokenValue()}. Set it, or delete it and a new one is made.`,
  );
}

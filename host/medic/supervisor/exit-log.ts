import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** A process, told from every other that has had or will have its pid. */
export interface Birth {
  readonly pid: number;
  /** Ticks since the machine started; null where that is not told. */
  readonly ticks: number | null;
  /** The run of the machine that the ticks belong to. */
  readonly machineRun: string;
}

export type ExitReason =
  /** By itself, with an exit code. */
  | 'exited'
  /** By a signal that was not the medic's. */
  | 'signalled'
  /** The medic killed it: it answered no pings, closed its line, was not up or not down in time. */
  | 'killed-unresponsive'
  | 'killed-closed-line'
  | 'killed-slow-start'
  | 'killed-slow-stop';

/** The host of a volume has started. */
export interface StartRecord extends Birth {
  readonly event: 'start';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** It has ended. */
export interface EndRecord extends Birth {
  readonly event: 'end';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly upMs: number;
  /** How long it had been ready; null when it never was. */
  readonly readyMs: number | null;
  readonly code: number | null;
  readonly signal: string | null;
  readonly requested: boolean;
  readonly reason: ExitReason;
  /** One or two sentences for the operator. */
  readonly message: string;
  /** Where it was when it answered no more, innermost first. */
  readonly stack: readonly string[];
  /** The last of what it wrote to its standard error. */
  readonly lastWords: string;
}

export type ExitRecord = StartRecord | EndRecord;

const mostBytes = 256 * 1024;

export function exitLogFile(dataFolder: string): string {
  return join(dataFolder, 'medic', 'exits.jsonl');
}

/** Adds a line that survives what comes next, power loss too. The file stays small: the older half goes when it is full. */
export function appendExit(dataFolder: string, record: ExitRecord): void {
  const file = exitLogFile(dataFolder);
  mkdirSync(join(dataFolder, 'medic'), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > mostBytes) shorten(file);
  // A line that a lost machine has cut is ended first, so that it spoils no other.
  const text = `${JSON.stringify(record)}\n`;
  write(file, 'a', endsOpen(file) ? `\n${text}` : text);
}

/** Oldest first. Lines that cannot be read are left out: a lost machine may have cut one. */
export function readExits(dataFolder: string): readonly ExitRecord[] {
  let text: string;
  try {
    text = readFileSync(exitLogFile(dataFolder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => parseRecord(line) ?? []);
}

function parseRecord(line: string): ExitRecord | null {
  try {
    const record = JSON.parse(line) as Partial<EndRecord> | null;
    if (typeof record?.pid !== 'number' || typeof record.startedAt !== 'number') return null;
    if ((record.event as string) === 'start') return record as unknown as StartRecord;
    return record.event === 'end' && typeof record.endedAt === 'number' ? (record as EndRecord) : null;
  } catch {
    return null;
  }
}

function shorten(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  write(`${file}.new`, 'w', lines.slice(lines.length >> 1).join('\n'));
  renameSync(`${file}.new`, file);
}

function endsOpen(file: string): boolean {
  if (!existsSync(file)) return false;
  const bytes = readFileSync(file);
  return bytes.length > 0 && bytes.at(-1) !== 10;
}

function write(file: string, flags: 'a' | 'w', text: string): void {
  const handle = openSync(file, flags, 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

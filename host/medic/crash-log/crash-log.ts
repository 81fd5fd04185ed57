import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@clay/sdk';
import { type CrashCategory, type CrashEntry, crashCategories } from './crash-entry.ts';
import { formatCrash, readHeadline } from './crash-text.ts';

/** Failures as files that a person and the agent read: `<timestamp>_<plugin>_<category>.log`. */
export interface CrashLog {
  /** Writes one log, whole or not at all. Throws what the disk says: whoever calls goes on without it. */
  write(entry: CrashEntry): CrashFile;
  /** Logs that the agent has not been offered, oldest first. */
  pending(): readonly CrashFile[];
  /** Remembers that these were offered, also after a restart. */
  offered(ids: readonly string[]): void;
  /** Newest first. */
  list(): readonly CrashFile[];
  /** The whole of one log; null when it is gone. */
  read(id: string): string | null;
}

export interface CrashFile {
  /** Its name in the folder. */
  readonly id: string;
  readonly file: string;
  readonly plugin: string;
  readonly category: CrashCategory;
  /** Milliseconds since the epoch, to the second. */
  readonly at: number;
  /** What happened, in one sentence. */
  readonly headline: string;
}

export interface CrashLogOptions {
  /** `data/build-failures`. */
  readonly folder: string;
  /** Takes out what no file may hold. */
  readonly hide: (text: string) => string;
  readonly clock: Clock;
  /** How many are kept; the oldest go first. Default 100. */
  readonly keep?: number;
  /** How many bytes they may have together. Default 4 MiB. */
  readonly keepBytes?: number;
}

const defaultKeep = 100;
const defaultKeepBytes = 4 * 1024 * 1024;
const offeredFile = '.offered.json';
const namePattern = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\d)T(\\d\\d)-(\\d\\d)-(\\d\\d)_([a-z0-9-]+)_(${crashCategories.join('|')})(?:-(\\d+))?\\.log$`,
);

export function createCrashLog(options: CrashLogOptions): CrashLog {
  return new FolderCrashLog(options);
}

class FolderCrashLog implements CrashLog {
  readonly #folder: string;
  readonly #options: CrashLogOptions;

  constructor(options: CrashLogOptions) {
    this.#folder = options.folder;
    this.#options = options;
  }

  write(entry: CrashEntry): CrashFile {
    const at = this.#options.clock.now();
    mkdirSync(this.#folder, { recursive: true });
    const id = this.#freeName(entry, at);
    const file = join(this.#folder, id);
    writeWhole(file, formatCrash(entry, at, this.#options.hide));
    this.#makeRoom();
    return this.#describe(id)!;
  }

  list(): readonly CrashFile[] {
    return this.#names()
      .reverse()
      .flatMap((id) => this.#describe(id) ?? []);
  }

  pending(): readonly CrashFile[] {
    const offered = this.#offered();
    return this.#names()
      .filter((id) => !offered.has(id))
      .flatMap((id) => this.#describe(id) ?? []);
  }

  offered(ids: readonly string[]): void {
    const known = new Set(this.#names());
    const offered = [...new Set([...this.#offered(), ...ids])].filter((id) => known.has(id));
    writeWhole(join(this.#folder, offeredFile), `${JSON.stringify(offered, null, 2)}\n`);
  }

  read(id: string): string | null {
    return namePattern.test(id) ? readIfThere(join(this.#folder, id)) : null;
  }

  /** Oldest first: the names begin with the time, and several of one second are numbered. */
  #names(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .flatMap((id) => {
        const match = namePattern.exec(id);
        return match === null ? [] : [{ id, second: id.slice(0, 19), count: Number(match[7] ?? 1) }];
      })
      .sort((a, b) =>
        a.second < b.second ? -1 : a.second > b.second ? 1 : a.count - b.count || (a.id < b.id ? -1 : 1),
      )
      .map(({ id }) => id);
  }

  #describe(id: string): CrashFile | null {
    const file = join(this.#folder, id);
    const text = readIfThere(file);
    const match = namePattern.exec(id);
    if (text === null || match === null) return null;
    const [, day, hour, minute, second, plugin = '', category] = match;
    const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
    return { id, file, plugin, category: category as CrashCategory, at, headline: readHeadline(text) };
  }

  #freeName({ plugin, category }: CrashEntry, at: number): string {
    const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(':', '-');
    // Of all files of this second, so that their order can be told from their names.
    const count = this.#names().filter((id) => id.startsWith(stamp)).length + 1;
    const name = plugin.toLowerCase().replace(/[^a-z0-9-]/g, '-') || 'unknown';
    for (let number = count; ; number += 1) {
      const id = `${stamp}_${name}_${category}${number === 1 ? '' : `-${number}`}.log`;
      if (!existsSync(join(this.#folder, id))) return id;
    }
  }

  #makeRoom(): void {
    const { keep = defaultKeep, keepBytes = defaultKeepBytes } = this.#options;
    let bytes = 0;
    for (const [index, id] of this.#names().reverse().entries()) {
      const file = join(this.#folder, id);
      bytes += statSync(file).size;
      // The newest one stays, whatever its size.
      if (index > 0 && (index >= keep || bytes > keepBytes)) rmSync(file);
    }
  }

  #offered(): ReadonlySet<string> {
    const text = readIfThere(join(this.#folder, offeredFile));
    if (text === null) return new Set();
    try {
      const ids: unknown = JSON.parse(text);
      return new Set(Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []);
    } catch {
      // Somebody has changed the file: then every log is offered once more, and the file is written anew.
      return new Set();
    }
  }
}

function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.unfinished`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

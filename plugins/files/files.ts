import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ClayError } from '@clay/sdk';
import { type Edit, editText } from './edit-text.ts';
import type { FilesConfig } from './files-config.ts';
import type { PathGuard } from './path-guard.ts';
import { listFolder, openRegular, type ReadResult, readLines } from './read-file.ts';
import { type SearchResult, searchFiles } from './search-files.ts';
import { writeFileWhole } from './write-file.ts';

export interface SearchArguments {
  readonly pattern?: string | undefined;
  readonly content?: string | undefined;
  readonly path?: string | undefined;
  readonly ignore_case?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** The file tools: every path goes through the guard, every failure names the path as it was given. */
export class Files {
  readonly #guard: PathGuard;
  readonly #config: FilesConfig;

  constructor(guard: PathGuard, config: FilesConfig) {
    this.#guard = guard;
    this.#config = config;
  }

  read(path: string, offset = 1, limit = Number.MAX_SAFE_INTEGER): Promise<ReadResult> {
    return this.#named(path, async (real) => {
      const handle = await openRegular(real, path);
      try {
        if ((await handle.stat()).isDirectory()) return { content: await listFolder(real) };
        return await readLines(handle, path, { offset, limit, maxChars: this.#config.readChars });
      } finally {
        await handle.close();
      }
    });
  }

  write(path: string, content: string): Promise<{ readonly message: string }> {
    return this.#named(path, async (real) => {
      const bytes = Buffer.from(content);
      this.#checkSize(bytes.length, path);
      await writeFileWhole(real, bytes, path);
      return { message: `Wrote ${bytes.length} bytes to ${path}` };
    });
  }

  edit(path: string, edit: Edit): Promise<{ readonly message: string; readonly replaced: number }> {
    return this.#named(path, async (real) => {
      const { text, replaced } = editText(await this.#readWhole(real, path), edit, path);
      const bytes = Buffer.from(text);
      this.#checkSize(bytes.length, path);
      await writeFileWhole(real, bytes, path);
      return { message: `Edited ${path}`, replaced };
    });
  }

  /** Of a regular file with at most so many bytes. */
  readBytes(path: string, maxBytes: number): Promise<Buffer> {
    return this.#named(path, async (real) => {
      const handle = await openRegular(real, path);
      try {
        const found = await handle.stat();
        if (found.isDirectory()) throw new ClayError('BAD_ARGUMENTS', `${path} is a folder.`);
        if (found.size > maxBytes)
          throw new ClayError('TOO_LARGE', `${path} has ${found.size} bytes; at most ${maxBytes} can be sent.`);
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    });
  }

  search(args: SearchArguments, signal: AbortSignal): Promise<SearchResult> {
    const folder = args.path ?? '.';
    if (args.pattern === undefined && args.content === undefined) {
      throw new ClayError('BAD_ARGUMENTS', 'Give a pattern for names, a content for lines, or both.');
    }
    return this.#named(folder, async (real) => {
      if (!(await stat(real)).isDirectory()) throw new ClayError('BAD_ARGUMENTS', `${folder} is no folder.`);
      const isProtected = await this.#guard.protection();
      return await searchFiles(real, {
        glob: args.pattern ?? '*',
        text: args.content === '' ? undefined : args.content,
        ignoreCase: args.ignore_case ?? false,
        limit: Math.min(args.limit ?? this.#config.searchResults, this.#config.searchResults),
        signal,
        isHidden: (found) => isProtected(join(real, found)),
      });
    });
  }

  async #readWhole(real: string, path: string): Promise<string> {
    const handle = await openRegular(real, path);
    try {
      const found = await handle.stat();
      if (found.isDirectory()) throw new ClayError('BAD_ARGUMENTS', `${path} is a folder.`);
      this.#checkSize(found.size, path);
      const bytes = await handle.readFile();
      if (bytes.includes(0))
        throw new ClayError('BAD_ARGUMENTS', `${path} is a binary file and cannot be edited as text.`);
      return decode(bytes, path);
    } finally {
      await handle.close();
    }
  }

  #checkSize(bytes: number, path: string): void {
    const { writeBytes } = this.#config;
    if (bytes > writeBytes) {
      throw new ClayError('TOO_LARGE', `${path} has ${bytes} bytes; at most ${writeBytes} are written by this tool.`);
    }
  }

  async #named<T>(path: string, work: (real: string) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#guard.resolve(path));
    } catch (error) {
      throw explain(error, path);
    }
  }
}

/** Text that is not UTF-8 would come back changed. */
function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ClayError('BAD_ARGUMENTS', `${path} is not UTF-8 text and cannot be edited without damage.`, {
      cause: error,
    });
  }
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof ClayError || !(error instanceof Error) || !('code' in error)) return error;
  const because = (code: 'NOT_FOUND' | 'REFUSED' | 'BAD_ARGUMENTS' | 'UNAVAILABLE', message: string) =>
    new ClayError(code, message, { cause: error });
  switch (error.code) {
    case 'ENOENT':
      return because('NOT_FOUND', `${path} does not exist.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return because('REFUSED', `${path} cannot be opened: the operating system does not allow it (${error.code}).`);
    case 'ENOTDIR':
      return because('BAD_ARGUMENTS', `A part of ${path} is a file, not a folder.`);
    case 'EISDIR':
      return because('BAD_ARGUMENTS', `${path} is a folder.`);
    case 'ENAMETOOLONG':
      return because('BAD_ARGUMENTS', `${path} is too long for a path.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return because('UNAVAILABLE', `No space is left for ${path}; the file is as it was. Free space and try again.`);
    default:
      return error;
  }
}

import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { ClayError } from '@clay/sdk';

const chunkBytes = 64 * 1024;
const maxListed = 1000;

export interface ReadRange {
  /** First line, from 1. */
  readonly offset: number;
  /** Lines at most. */
  readonly limit: number;
  /** Characters at most. */
  readonly maxChars: number;
}

export interface ReadResult {
  readonly content: string;
  /** The line to go on with; absent at the end of the file. */
  readonly next_offset?: number;
}

/** Opens a regular file without waiting: a named pipe or a device would never end. */
export async function openRegular(path: string, shown: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const found = await handle.stat();
  if (found.isFile() || found.isDirectory()) return handle;
  await handle.close();
  throw new ClayError('BAD_ARGUMENTS', `${shown} is no regular file.`);
}

/** Lines of a text file, read no further than needed, so that a huge file costs no more than a small one. */
export async function readLines(handle: FileHandle, shown: string, range: ReadRange): Promise<ReadResult> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const buffer = Buffer.alloc(chunkBytes);
  const end = range.offset + range.limit;
  let line = 1;
  let content = '';
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, position);
    const bytes = buffer.subarray(0, bytesRead);
    if (position === 0 && bytes.includes(0)) {
      const { size } = await handle.stat();
      throw new ClayError(
        'BAD_ARGUMENTS',
        `${shown} is a binary file of ${size} bytes. Look at it with a command such as file, xxd or strings.`,
      );
    }
    const text = decoder.decode(bytes, { stream: bytesRead > 0 });
    for (let from = 0; from < text.length; ) {
      const newline = text.indexOf('\n', from);
      const to = newline < 0 ? text.length : newline + 1;
      if (line >= end) return { content, next_offset: line };
      if (line >= range.offset) {
        content += text.slice(from, to);
        if (content.length > range.maxChars) return cutAt(content, range, line);
      }
      if (newline >= 0) line += 1;
      from = to;
    }
    if (bytesRead === 0) return { content };
    position += bytesRead;
  }
}

/** Back to the last whole line, unless that line alone is too long. */
function cutAt(content: string, range: ReadRange, line: number): ReadResult {
  const whole = content.lastIndexOf('\n', range.maxChars - 1) + 1;
  if (whole === 0) {
    return { content: `${content.slice(0, range.maxChars).toWellFormed()}\n[the line goes on]`, next_offset: line + 1 };
  }
  const kept = content.slice(0, whole);
  return { content: kept, next_offset: range.offset + countNewlines(kept) };
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** One line for each entry: `[d] name` for a folder, `[f] name` for anything else. */
export async function listFolder(path: string): Promise<string> {
  const entries = await readdir(path, { withFileTypes: true });
  const lines = entries
    .map((entry) => `${entry.isDirectory() ? '[d]' : '[f]'} ${entry.name}`)
    .sort((a, b) => (a.slice(4) < b.slice(4) ? -1 : 1));
  const rest = lines.length - maxListed;
  return [...lines.slice(0, maxListed), ...(rest > 0 ? [`[${rest} more entries]`] : [])].join('\n');
}

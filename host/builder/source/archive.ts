import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { ClayError } from '@clay/sdk';
import { Header, Parser, Pax, type ReadEntry } from 'tar';
import { tooLarge } from '../build-error.ts';
import type { BuildLimits } from '../limits.ts';
import { isIgnored, refused, SourceCollector, show } from './source-collector.ts';
import type { SourceTree } from './source-tree.ts';

const blockBytes = 512;
/** Long names and other extended headers, in bytes. */
const metaBytes = 16_384;
const plainFiles = new Set(['File', 'OldFile', 'ContiguousFile']);

/** Packs sources as `tar.gz`; the same sources give the same bytes. */
export function packSources({ files }: SourceTree): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const header = new Header({ path, size: bytes.byteLength, mode: 0o644, type: 'File', mtime: new Date(0) });
    if (header.encode()) parts.push(new Pax({ path, size: bytes.byteLength }).encode());
    parts.push(header.block!, bytes, Buffer.alloc(padding(bytes.byteLength)));
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]));
}

/**
 * Unpacks a `tar.gz` into memory: nothing is written, so no name in it can reach the disk. Only plain files and folders
 * are taken; what is too large is refused while it arrives, before it is unpacked any further.
 */
export async function unpackSources(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: BuildLimits,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const collector = new SourceCollector(limits);
  // Every file costs a header, perhaps an extended one, and its padding.
  const mostBytes = limits.bytes + limits.files * (metaBytes + 3 * blockBytes) + 1_000_000;
  const parser = new Parser({ strict: true, maxMetaEntrySize: metaBytes });
  const entries = listen(parser, collector);
  const packed = Readable.from(limited(stream, limits.archiveBytes, 'archiveBytes', 'The archive'));
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  // The source may be stuck: what is read from is ended, not what is written to.
  const onAbort = () => gunzip.destroy(new Error('aborted'));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    const unpacked: AsyncIterable<Buffer> = packed.pipe(gunzip);
    for await (const chunk of limited(unpacked, mostBytes, 'bytes', 'The unpacked archive')) {
      parser.write(chunk as Buffer);
      // The parser tells of a broken archive by an event only: it must be heard before the next megabytes come.
      if (entries.failure !== null) throw entries.failure;
    }
    parser.end();
    await entries.end;
    if (entries.failure !== null) throw entries.failure;
  } catch (error) {
    throw explain(error, signal);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    packed.destroy();
    gunzip.destroy();
  }
  return withoutTopFolder(collector.files);
}

interface Entries {
  /** The first thing that is wrong. */
  failure: unknown;
  /** Resolves at the end of the archive, or at its first failure. */
  readonly end: Promise<void>;
}

function listen(parser: Parser, collector: SourceCollector): Entries {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const entries: Entries = { failure: null, end };
  const fail = (error: unknown) => {
    entries.failure ??= error;
    resolve();
  };
  parser.on('error', fail);
  parser.on('ignoredEntry', (entry: ReadEntry) => fail(refusedKind(entry)));
  parser.on('entry', (entry: ReadEntry) => {
    try {
      takeEntry(entry, collector, fail);
    } catch (error) {
      entry.resume();
      fail(error);
    }
  });
  parser.on('end', resolve);
  return entries;
}

function takeEntry(entry: ReadEntry, collector: SourceCollector, fail: (error: unknown) => void): void {
  const path = entry.path.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  if (entry.type === 'Directory') {
    if (path !== '' && path !== '.') collector.announceFolder(path);
    entry.resume();
    return;
  }
  if (!plainFiles.has(entry.type)) throw refusedKind(entry);
  collector.announce(path, entry.size);
  const parts: Uint8Array[] = [];
  entry.on('data', (part) => parts.push(part));
  entry.on('end', () => {
    if (isIgnored(path)) return;
    try {
      collector.add(path, Buffer.concat(parts));
    } catch (error) {
      fail(error);
    }
  });
}

function refusedKind({ type, path, linkpath }: ReadEntry): ClayError {
  const target = linkpath ? ` to ${show(linkpath)}` : '';
  return refused(`The archive holds ${show(path)}, a ${type}${target}; only files and folders are taken.`);
}

async function* limited(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number,
  limit: string,
  what: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > most) throw tooLarge(limit, `${what} has more than ${most} bytes (limit ${limit}).`);
    yield chunk;
  }
}

/** `tar czf x.tgz weather` puts a folder around everything; `-C weather .` does not. */
function withoutTopFolder(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const tops = new Set(
    [...files.keys()].map((path) => (path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : '')),
  );
  const [top] = tops;
  if (tops.size !== 1 || top === undefined || top === '') return files;
  return new Map([...files].map(([path, bytes]) => [path.slice(top.length), bytes]));
}

function explain(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof ClayError) return error;
  if (signal?.aborted) return new ClayError('CANCELLED', 'Reading the archive was cancelled.', { phase: 'read' });
  const message = error instanceof Error ? error.message : String(error);
  return new ClayError('BAD_ARGUMENTS', `The body is not a whole tar.gz: ${message}.`, { phase: 'read', cause: error });
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

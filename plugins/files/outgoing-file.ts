import { basename, extname } from 'node:path';
import { ClayError } from '@clay/sdk';
import type { Files } from './files.ts';

/** What a chat takes of one file; `service:chat.send` refuses more. */
const maxBytes = 5 * 1024 * 1024;

/** Of what people send each other; chats show some of these, and offer the rest for saving. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.txt': 'text/plain',
  '.log': 'text/plain',
  '.md': 'text/markdown',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
  '.tar': 'application/x-tar',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.wav': 'audio/wav',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
};

export interface OutgoingFile {
  readonly name: string;
  readonly mediaType: string;
  readonly base64: string;
  readonly caption: string;
}

/** A file as a chat is given it. */
export async function readOutgoing(files: Files, path: string, caption = ''): Promise<OutgoingFile> {
  const bytes = await files.readBytes(path, maxBytes);
  if (bytes.length === 0) throw new ClayError('BAD_ARGUMENTS', `${path} is empty: there is nothing to send.`);
  const mediaType = mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
  return { name: basename(path), mediaType, base64: bytes.toString('base64'), caption };
}

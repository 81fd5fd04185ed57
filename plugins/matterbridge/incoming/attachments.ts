import { extname } from 'node:path';
import type { BridgeMessage } from './bridge-message.ts';

export interface Attachment {
  readonly name: string;
  readonly mediaType: string;
  readonly base64: string;
}

export interface Attachments {
  readonly attachments: readonly Attachment[];
  /** What was written under the files. */
  readonly captions: readonly string[];
  /** A sentence for each file that did not come through. */
  readonly problems: readonly string[];
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpe': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.html': 'text/html',
  '.mp3': 'audio/mpeg',
  '.oga': 'audio/ogg',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
};

/** The files of a message, as many as are within the limit together. Matterbridge inlines them. */
export function readAttachments({ Extra }: BridgeMessage, maxBytes: number): Attachments {
  const attachments: Attachment[] = [];
  const captions: string[] = [];
  const problems: string[] = [];
  let left = maxBytes;
  for (const { Name, Data, Comment, Size } of Extra?.file ?? []) {
    const name = Name === '' ? 'file' : Name;
    if (Comment !== '') captions.push(Comment);
    const bytes = Data ? Buffer.byteLength(Data, 'base64') : Size;
    if (!Data) problems.push(`The file ${name} came without its content.`);
    else if (bytes > left) problems.push(tooLarge(name, bytes, maxBytes));
    else {
      left -= bytes;
      attachments.push({
        name,
        mediaType: mediaTypes[extname(name).toLowerCase()] ?? 'application/octet-stream',
        base64: Data,
      });
    }
  }
  for (const { Name, Size, Comment } of Extra?.file_failure_size ?? []) {
    if (Comment !== '') captions.push(Comment);
    problems.push(tooLarge(Name === '' ? 'file' : Name, Size, maxBytes));
  }
  return { attachments, captions, problems };
}

function tooLarge(name: string, bytes: number, maxBytes: number): string {
  return `The file ${name} (${megabytes(bytes)} MB) is more than the ${megabytes(maxBytes)} MB that can be taken with one message, and was left out; tell the person.`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

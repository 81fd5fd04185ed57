import type { InboxImage } from '../../store/delivery/inbox-store.ts';
import type { Attachment } from './incoming-message.ts';

/** What models take as an image, and up to which size. */
const imageTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const maxImageBytes = 5 * 1024 * 1024;
/** Of one document; the store takes no more. */
export const maxDocumentBytes = 32 * 1024 * 1024;

export interface SortedAttachments {
  /** Shown to the model with the message. */
  readonly images: readonly InboxImage[];
  /** Kept as artifacts of the session. */
  readonly documents: readonly Document[];
  /** What the model reads about them, one line each. */
  readonly notes: readonly string[];
}

export interface Document {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** Images become parts of the message, all else documents; what is too large is told and left out. */
export function sortAttachments(attachments: readonly Attachment[]): SortedAttachments {
  const images: InboxImage[] = [];
  const documents: Document[] = [];
  const notes: string[] = [];
  const taken = new Set<string>();
  for (const attachment of attachments) {
    const { mediaType, base64 } = attachment;
    const name = freeName(attachment.name, taken);
    const sizeBytes = Math.floor((base64.length * 3) / 4);
    if (imageTypes.has(mediaType) && sizeBytes <= maxImageBytes) {
      images.push({ name, mediaType, base64 });
      notes.push(`[image: ${name}]`);
    } else if (sizeBytes <= maxDocumentBytes) {
      documents.push({ name, mimeType: mediaType || 'application/octet-stream', bytes: Buffer.from(base64, 'base64') });
      notes.push(
        `[document: ${name}, ${mediaType || 'unknown type'}, ${inWords(sizeBytes)}; kept as the artifact "${name}"]`,
      );
    } else {
      notes.push(
        `[attachment left out: ${name} has ${inWords(sizeBytes)}, more than the ${inWords(maxDocumentBytes)} that I take; tell the person]`,
      );
    }
  }
  return { images, documents, notes };
}

/** Safe as the name of an artifact, and of one attachment only. */
function freeName(wanted: string, taken: Set<string>): string {
  const safe = wanted
    .replace(/[\p{Cc}/\\:]/gu, '_')
    .slice(0, 200)
    .trim();
  const base = /^\.*$/.test(safe) ? 'attachment' : safe;
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${count}-${base}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

function inWords(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

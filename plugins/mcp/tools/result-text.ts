import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foreignText } from '@clay/sdk';
import type { CallToolResult, ContentBlock } from '../server/client-library.ts';

export interface ResultSource {
  readonly server: string;
  readonly tool: string;
  /** Where what is no text is kept. */
  readonly folder: string;
  /** The same folder as the agent writes it. */
  readonly shownFolder: string;
}

/** Larger results are cut; the host makes an artifact of what is too long for the model. */
const maxChars = 1_000_000;
const maxFileBytes = 5 * 1024 * 1024;
const maxFiles = 10;

const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/ogg': 'ogg',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/gzip': 'gz',
};

/** What a foreign tool gave, marked as foreign; pictures and other bytes become files that the text names. */
export function toResultText(result: CallToolResult, source: ResultSource): string {
  const { server, tool } = source;
  const files = new FileKeeper(source);
  const parts = (result.content ?? []).map((part) => partText(part, files));
  const structured = structuredText(result.structuredContent, parts);
  const whole = [...parts, ...structured].join('\n') || '(nothing)';
  const text =
    whole.length <= maxChars ? whole : `${whole.slice(0, maxChars)}\n[… cut: ${whole.length} characters in all]`;
  return foreignText({ origin: 'tool', source: `MCP server ${server}, tool ${tool}`, text });
}

function partText(part: ContentBlock, files: FileKeeper): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'image':
    case 'audio':
      return files.keep(part.type, part.mimeType, part.data);
    case 'resource':
      return 'text' in part.resource
        ? `[${part.resource.uri}]\n${part.resource.text}`
        : files.keep(part.resource.uri, part.resource.mimeType ?? '', part.resource.blob);
    case 'resource_link':
      return `[link to ${part.uri}: ${part.name}${part.description === undefined ? '' : `, ${part.description}`}]`;
  }
}

/** Servers repeat it as text for clients that do not read it; once is enough. */
function structuredText(structured: unknown, parts: readonly string[]): readonly string[] {
  if (structured === undefined) return [];
  const text = JSON.stringify(structured);
  return parts.some((part) => sameJson(part, text)) ? [] : [text];
}

function sameJson(part: string, text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(part)) === text;
  } catch {
    // Words, and no JSON.
    return false;
  }
}

class FileKeeper {
  readonly #source: ResultSource;
  #count = 0;

  constructor(source: ResultSource) {
    this.#source = source;
  }

  keep(what: string, mediaType: string, base64: string): string {
    const bytes = Buffer.from(base64, 'base64');
    const told = `${what}, ${mediaType || 'of no type'}, ${bytes.length} bytes`;
    if (bytes.length > maxFileBytes) return `[${told}: more than ${maxFileBytes} bytes are not kept]`;
    this.#count += 1;
    if (this.#count > maxFiles) return `[${told}: not kept, as a result may have ${maxFiles} files]`;
    const { folder, shownFolder } = this.#source;
    const extension = Object.hasOwn(extensions, mediaType) ? extensions[mediaType]! : 'bin';
    const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${extension}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), bytes);
    return `[${told}: kept as ${shownFolder}/${name}]`;
  }
}

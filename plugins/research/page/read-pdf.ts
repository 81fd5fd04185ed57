import { ClayError } from '@clay/sdk';
import { getDocumentProxy } from 'unpdf';
import { checkPdf } from './check-pdf.ts';
import type { Content } from './page.ts';

const maxChars = 1_000_000;

/** Reads the text of a PDF, page by page, until it is long enough or the caller gives up. */
export async function readPdf(bytes: Uint8Array, signal: AbortSignal): Promise<Content> {
  await checkPdf(bytes, signal);
  // The reader takes the buffer for itself.
  const document = await getDocumentProxy(bytes.slice(), { verbosity: 0 }).catch((cause) => {
    throw new ClayError('BAD_ARGUMENTS', `The PDF cannot be read: ${messageOf(cause)}`, { cause });
  });
  try {
    const notes: string[] = [];
    const pages: string[] = [];
    let chars = 0;
    for (let number = 1; number <= document.numPages; number++) {
      signal.throwIfAborted();
      if (chars >= maxChars) {
        notes.push(`Only the first ${number - 1} of its ${document.numPages} pages were read.`);
        break;
      }
      const text = await textOfPage(document, number, maxChars - chars, signal).catch((error) => {
        signal.throwIfAborted();
        notes.push(`Page ${number} could not be read: ${messageOf(error)}`);
        return '';
      });
      chars += text.length;
      if (text !== '') pages.push(document.numPages > 1 ? `[Page ${number}]\n\n${text}` : text);
    }
    if (pages.length === 0) notes.push('It holds no text: its pages may be pictures.');
    return { ...(await metadata(document)), text: pages.join('\n\n'), notes };
  } finally {
    await document.loadingTask.destroy();
  }
}

type TextContent = Awaited<ReturnType<Awaited<ReturnType<PdfDocument['getPage']>>['getTextContent']>>;
type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

async function textOfPage(document: PdfDocument, number: number, room: number, signal: AbortSignal): Promise<string> {
  const page = await document.getPage(number);
  let text = '';
  // Read to its end, also when nobody wants more: left before, the reader's next part would be an uncaught exception.
  for await (const { items } of page.streamTextContent() as AsyncIterable<TextContent>) {
    if (signal.aborted || text.length >= room) continue;
    for (const item of items) if ('str' in item) text += item.str + (item.hasEOL ? '\n' : '');
  }
  signal.throwIfAborted();
  page.cleanup();
  return text.replaceAll(/[ \t]+\n/g, '\n').trim();
}

async function metadata(document: PdfDocument): Promise<Pick<Content, 'title' | 'byline'>> {
  const { info } = await document.getMetadata();
  const field = (name: string) => {
    const value: unknown = (info as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 300) : null;
  };
  return { title: field('Title'), byline: field('Author') };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

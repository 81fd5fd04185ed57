import { ClayError, type HttpResponse } from '@clay/sdk';
import { decodeText } from './decode-text.ts';
import { mediaTypeOf } from './media-type.ts';
import type { Content, Page } from './page.ts';

export interface ReadPageOptions {
  readonly isWhole: boolean;
  readonly fetchedAt: number;
  /** Makes text of HTML that fetches nothing; null: it becomes Markdown. */
  readonly render: ((html: string) => Promise<string>) | null;
  readonly signal: AbortSignal;
}

/** A megabyte of text is more than anybody reads of one page. */
const maxTextChars = 1_000_000;

const incomplete = {
  'too-large': 'It is larger than the limit',
  timeout: 'It did not come to its end in time',
  'broken-off': 'The server broke off',
} as const;

/** Makes a page of what a server answered, by its type. */
export async function readPage(response: HttpResponse, options: ReadPageOptions): Promise<Page> {
  const { body, url } = response;
  const type = mediaTypeOf(response.headers['content-type'], body);
  const notes: string[] = [];
  if (response.incomplete !== undefined)
    notes.push(`${incomplete[response.incomplete]}: this is its beginning, ${body.byteLength} bytes.`);
  const content = await read();
  notes.push(...content.notes);
  if (content.text.length > maxTextChars) notes.push(`Only its first ${maxTextChars} characters were kept.`);
  if (content.text.trim() === '') notes.push('It holds no text; it may be made by scripts, which are not run.');
  return {
    url,
    mediaType: type.name,
    title: content.title ?? null,
    byline: content.byline ?? null,
    site: content.site ?? null,
    published: content.published ?? null,
    text: content.text.slice(0, maxTextChars).toWellFormed(),
    notes,
    fetchedAt: options.fetchedAt,
  };

  async function read(): Promise<Content> {
    switch (type.kind) {
      case 'html': {
        // Loaded with the first page: a claw that reads none pays nothing.
        const { inertHtml, readHtml } = await import('./read-html.ts');
        const decoded = decodeText(body, type.charset);
        const page = await readHtml(decoded.text, { url, isWhole: options.isWhole });
        const shown =
          options.render === null ? page : await rendered(page, inertHtml(decoded.text, url), options.render);
        return { ...shown, notes: [...decoded.notes, ...shown.notes] };
      }
      case 'pdf': {
        const { readPdf } = await import('./read-pdf.ts');
        return readPdf(body, options.signal);
      }
      case 'json': {
        const decoded = decodeText(body, type.charset ?? 'utf-8');
        return { ...decoded, text: prettyJson(decoded.text) };
      }
      case 'text':
        return decodeText(body, type.charset);
      case 'binary':
        throw new ClayError(
          'BAD_ARGUMENTS',
          `${url} is ${type.name}, ${body.byteLength} bytes: only HTML, PDF, JSON and text are read.`,
        );
    }
  }
}

/** The page as a text browser shows it; Markdown where that fails, and the reason. */
async function rendered(page: Content, html: string, render: (html: string) => Promise<string>): Promise<Content> {
  try {
    return { ...page, text: (await render(html)).trim() };
  } catch (error) {
    if (!(error instanceof ClayError) || error.code === 'CANCELLED') throw error;
    return { ...page, notes: [...page.notes, `Not rendered by a text browser: ${error.message}`] };
  }
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    // Cut, or no JSON at all: then it is text.
    if (error instanceof SyntaxError || error instanceof RangeError) return text;
    throw error;
  }
}

import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** A request as it goes on to the provider: its bytes are those that came, without secrets. */
export interface Question {
  readonly path: '/v1/messages' | '/v1/messages/count_tokens';
  /** With the question mark, or empty. */
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer<ArrayBuffer>;
  readonly model: string;
  /** As its length tells. */
  readonly inputTokens: number;
  /** The longest answer that it asks for. */
  readonly maxOutputTokens: number;
}

/** What the Messages API itself takes is 32 MB; a conversation of code and pictures stays far below. */
export const bodyBytes = 16 * 1024 * 1024;

/** All that a client may tell the provider beside its body. Its own credentials are not among them. */
const passedOn = ['anthropic-version', 'anthropic-beta', 'content-type'];

const bytesPerToken = 3;

const paths: readonly string[] = ['/v1/messages', '/v1/messages/count_tokens'] satisfies Question['path'][];

/** Whether the path is one that is answered at all, and how. */
export function questionPath(request: IncomingMessage): { path: Question['path']; search: string } {
  const { pathname, search } = new URL(request.url ?? '/', 'http://endpoint');
  if (!paths.includes(pathname) || request.method !== 'POST') {
    throw new Refusal(
      'not_found_error',
      `${request.method} ${pathname} is not served here: this is the claw's model endpoint, POST ${paths.join(' and ')}.`,
    );
  }
  return { path: pathname as Question['path'], search };
}

export async function readQuestion(request: IncomingMessage, hide: (text: string) => string): Promise<Question> {
  const { path, search } = questionPath(request);
  const body = hidden(await readBody(request), hide);
  const { model, max_tokens: longest } = readBodyFields(body);
  return {
    path,
    search,
    headers: pickHeaders(request.headers),
    body,
    model,
    inputTokens: Math.ceil(body.length / bytesPerToken),
    maxOutputTokens: typeof longest === 'number' ? longest : 0,
  };
}

function hidden(body: Buffer<ArrayBuffer>, hide: (text: string) => string): Buffer<ArrayBuffer> {
  const text = body.toString('utf8');
  const clean = hide(text);
  return clean === text ? body : Buffer.from(clean);
}

async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const tooLarge = () => new Refusal('request_too_large', `The request is larger than ${bodyBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readBodyFields(body: Buffer): { readonly model: string; readonly max_tokens?: unknown } {
  let fields: { model?: unknown; max_tokens?: unknown } | null;
  try {
    fields = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Refusal('invalid_request_error', `The body is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const model = fields?.model;
  if (typeof model === 'string' && model !== '') return { ...fields, model };
  throw new Refusal('invalid_request_error', 'model: Field required');
}

function pickHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const picked = passedOn.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, String(value)]];
  });
  return { 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...Object.fromEntries(picked) };
}

import type { IncomingMessage } from 'node:http';

/** An upload of a call. */
export interface FakeUpload {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Parameters of a call, as text or JSON values, however they were encoded. */
export interface FakeParameters {
  readonly values: Readonly<Record<string, unknown>>;
  readonly uploads: Readonly<Record<string, FakeUpload>>;
}

/** Reads parameters from the query, a form, a multipart form or JSON, as the Bot API does. */
export async function readParameters(request: IncomingMessage): Promise<FakeParameters> {
  const { searchParams } = new URL(request.url ?? '/', 'http://fake');
  const values: Record<string, unknown> = Object.fromEntries(searchParams);
  const uploads: Record<string, FakeUpload> = {};
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  if (body.length === 0) return { values, uploads };
  if (type.includes('json')) return { values: { ...values, ...JSON.parse(body.toString()) }, uploads };
  const form = await new Request('http://fake', { method: 'POST', headers: { 'content-type': type }, body }).formData();
  for (const [name, value] of form) {
    if (typeof value === 'string') values[name] = value;
    else uploads[name] = { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) };
  }
  return { values, uploads };
}

import type { JsonObject } from '@clay/sdk';
import { Redactor } from './redactor.ts';

/** What a server gave back for a request with secrets in its headers, without these: some tell their clients what they sent. */
export function redactResponse<Head extends JsonObject>(
  head: Head,
  body: Uint8Array,
  secrets: ReadonlySet<string>,
): { readonly head: Head; readonly body: Uint8Array } {
  if (secrets.size === 0) return { head, body };
  const redactor = new Redactor(secrets);
  // One character a byte, so that whatever is no text stays as it is.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const clean = redactor.text(text);
  return { head: redactor.json(head), body: clean === text ? body : Buffer.from(clean, 'latin1') };
}

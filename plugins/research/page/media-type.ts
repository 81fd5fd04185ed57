/** How a body is read. */
export type Kind = 'html' | 'json' | 'pdf' | 'text' | 'binary';

export interface MediaType {
  readonly kind: Kind;
  /** As the server says it, or as it was found out. */
  readonly name: string;
  readonly charset: string | null;
}

/** Tells what a body is by its header, or by its first bytes where the header says nothing of use. */
export function mediaTypeOf(contentType: string | undefined, body: Uint8Array): MediaType {
  const [essence = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const name = essence.toLowerCase();
  const charset = parameters.map((one) => /^charset\s*=\s*"?([^"]+)"?$/i.exec(one)?.[1]).find(Boolean) ?? null;
  const kind = kindOf(name);
  if (kind !== null) return { kind, name, charset };
  return { ...sniff(body), charset };
}

function kindOf(name: string): Kind | null {
  if (name === 'text/html' || name === 'application/xhtml+xml') return 'html';
  if (name === 'application/pdf' || name === 'application/x-pdf') return 'pdf';
  if (name === 'application/json' || name === 'text/json' || name.endsWith('+json')) return 'json';
  // Servers call by it what they do not know, also scripts and archives.
  if (name === 'text/plain' || name === '' || name === 'application/octet-stream' || name === 'binary/octet-stream')
    return null;
  if (name.startsWith('text/') || name.endsWith('/xml') || name.endsWith('+xml')) return 'text';
  if (/^application\/(x-)?(javascript|ecmascript|yaml|toml|sql|sh|x-ndjson|ndjson)$/.test(name)) return 'text';
  return 'binary';
}

function sniff(body: Uint8Array): Pick<MediaType, 'kind' | 'name'> {
  const head = new TextDecoder('windows-1252').decode(body.subarray(0, 2048)).trimStart();
  if (head.startsWith('%PDF-')) return { kind: 'pdf', name: 'application/pdf' };
  if (/^(<!--[^>]*>\s*)?<(!doctype html|html|head|body)\b/i.test(head.replace(/^ï»¿/, '')))
    return { kind: 'html', name: 'text/html' };
  const isWide = /^(ÿþ|þÿ)/.test(head);
  if (head.includes('\0') && !isWide) return { kind: 'binary', name: 'application/octet-stream' };
  return { kind: 'text', name: 'text/plain' };
}

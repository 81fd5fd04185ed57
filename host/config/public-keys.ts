import { createPublicKey, type KeyObject } from 'node:crypto';

/** An Ed25519 public key as RFC 8037 has it. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  /** Its name in the head of a token. */
  readonly kid?: string;
}

/** Where the keys come from that tokens must be signed by. */
export type PublicKeys =
  | { readonly kind: 'address'; readonly url: string }
  | { readonly kind: 'keys'; readonly keys: readonly PublicJwk[] };

const rawBytes = 32;
/** The head of a SubjectPublicKeyInfo of Ed25519: RFC 8410. */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads `CLAW_AUTH_PUBLIC_KEYS`: the address of a JWKS, a JWKS itself, or Ed25519 keys with commas between, each in base64 (raw,
 * DER or PEM). Gives a sentence that says what is wrong.
 */
export function parsePublicKeys(text: string): PublicKeys | string {
  const trimmed = text.trim();
  if (/^https?:\/\//.test(trimmed))
    return URL.canParse(trimmed) ? { kind: 'address', url: trimmed } : 'is no address of a JWKS';
  try {
    const keys = trimmed.startsWith('{')
      ? readSet(trimmed)
      : trimmed
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(readKey);
    return keys.length === 0 ? 'holds no key' : { kind: 'keys', keys };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readSet(text: string): PublicJwk[] {
  const set: unknown = JSON.parse(text);
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('is JSON without a list "keys"');
  return keys.map((key: Readonly<Record<string, unknown>> | null, index) => {
    const { kty, crv, x, kid, d } = key ?? {};
    if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || Buffer.from(x, 'base64url').length !== rawBytes)
      throw new Error(`holds at keys[${index}] what is no Ed25519 public key`);
    if (d !== undefined) throw new Error(`holds at keys[${index}] a private key; give the public one only`);
    return { kty, crv, x, ...(typeof kid === 'string' ? { kid } : {}) };
  });
}

function readKey(text: string): PublicJwk {
  const key = readBytes(Buffer.from(text, 'base64'));
  const { x } = key?.asymmetricKeyType === 'ed25519' ? key.export({ format: 'jwk' }) : {};
  if (x === undefined)
    throw new Error(`holds ${JSON.stringify(text.slice(0, 12))}…, which is no Ed25519 public key in base64`);
  return { kty: 'OKP', crv: 'Ed25519', x };
}

function readBytes(bytes: Buffer): KeyObject | null {
  try {
    if (bytes.length === rawBytes)
      return createPublicKey({ key: Buffer.concat([spkiHead, bytes]), format: 'der', type: 'spki' });
    if (bytes.toString('latin1').startsWith('-----BEGIN PUBLIC KEY')) return createPublicKey(bytes);
    return createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  } catch {
    // The caller says which of the keys it was.
    return null;
  }
}

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ClayError } from '@clay/sdk';

/** The claw's Ed25519 identity. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  /** SPKI. */
  readonly publicPem: string;
  /** Lower-case hex of the SHA-256 of the raw 32-byte public key. */
  readonly fingerprint: string;
}

/** What stands before the 32 bytes of an Ed25519 key in its DER forms (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');
const rawBytes = 32;

export function makeKeyPair(): KeyPair {
  return keyPairOf(generateKeyPairSync('ed25519').privateKey);
}

/** What of the key would give it away in a log: the middle of its PEM. */
export function secretTextOf({ privateKey }: KeyPair): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().split('\n')[1]!;
}

/**
 * A private key as people keep it: PEM, or base64 of PEM, of DER (PKCS #8), of the 32-byte seed or of the 64 bytes of
 * seed and public key; a seed may be in hex too.
 *
 * @param name what holds the text; the text itself never stands in an error
 * @throws ClayError `BAD_ARGUMENTS`
 */
export function readPrivateKey(text: string, name: string): KeyPair {
  const accepted = 'an Ed25519 private key: PEM, or base64 of PEM, of DER (PKCS #8), or of the 32-byte seed';
  const key = readKey(text, `${name} is not ${accepted}`, (bytes) =>
    isPem(bytes) ? createPrivateKey(bytes) : createPrivateKey({ key: privateDer(bytes), format: 'der', type: 'pkcs8' }),
  );
  const pair = keyPairOf(key);
  const bytes = bytesOf(text);
  if (bytes.length === 2 * rawBytes && !bytes.subarray(rawBytes).equals(rawPublicKey(key)))
    throw new ClayError(
      'BAD_ARGUMENTS',
      `${name} has 64 bytes, but its second half is not the public key of its first.`,
    );
  return pair;
}

/** Throws `BAD_ARGUMENTS` unless the text, in any of those forms, is the public key of the pair. */
export function requirePublicKey(text: string, name: string, pair: KeyPair): void {
  const accepted = 'an Ed25519 public key: PEM, or base64 of PEM, of DER (SPKI), or of the 32 bytes';
  const key = readKey(text, `${name} is not ${accepted}`, (bytes) =>
    isPem(bytes) ? createPublicKey(bytes) : createPublicKey({ key: publicDer(bytes), format: 'der', type: 'spki' }),
  );
  if (createPublicKey(pair.privateKey).equals(key)) return;
  throw new ClayError(
    'BAD_ARGUMENTS',
    `${name} does not belong to the private key, whose public key has the fingerprint ${pair.fingerprint}. Unset it, or set the other.`,
  );
}

function readKey(text: string, problem: string, read: (bytes: Buffer) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read(bytesOf(text));
  } catch (cause) {
    throw new ClayError('BAD_ARGUMENTS', `${problem}. ${reasonOf(cause)}`, { cause });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new ClayError('BAD_ARGUMENTS', `${problem}: it is of type ${key.asymmetricKeyType}.`);
}

/** What OpenSSL says of a key holds nothing of the key. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `(${cause.message})` : '';
}

function bytesOf(text: string): Buffer {
  // Some tools keep the lines of a PEM text by writing \n.
  const plain = text.trim().replaceAll('\\n', '\n');
  if (isPem(Buffer.from(plain))) return Buffer.from(plain);
  if (/^[0-9a-f]{64}$/i.test(plain)) return Buffer.from(plain, 'hex');
  if (/^[A-Za-z0-9+/_\s-]+={0,2}$/.test(plain)) return Buffer.from(plain, 'base64');
  throw new Error('it is neither PEM nor base64');
}

function isPem(bytes: Buffer): boolean {
  return bytes.subarray(0, 11).toString('latin1') === '-----BEGIN ';
}

function privateDer(bytes: Buffer): Buffer {
  const isRaw = bytes.length === rawBytes || bytes.length === 2 * rawBytes;
  return isRaw ? Buffer.concat([pkcs8Head, bytes.subarray(0, rawBytes)]) : bytes;
}

function publicDer(bytes: Buffer): Buffer {
  return bytes.length === rawBytes ? Buffer.concat([spkiHead, bytes]) : bytes;
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-rawBytes);
}

function keyPairOf(privateKey: KeyObject): KeyPair {
  return {
    privateKey,
    publicPem: createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(),
    fingerprint: createHash('sha256').update(rawPublicKey(privateKey)).digest('hex'),
  };
}

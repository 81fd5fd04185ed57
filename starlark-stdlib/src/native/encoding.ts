import { createHash, createHmac, randomBytes } from 'node:crypto';
import { charge, HostFunction, StarlarkBytes, StarlarkError, tick, type Value } from 'starlark-js';

type Input = string | StarlarkBytes;

/** The bytes of a text or of bytes; the work on them is counted before it is done. */
function bytesOf(input: Input): Uint8Array {
  const size = typeof input === 'string' ? input.length : input.data.length;
  tick(1 + size / 16);
  charge(3 * size);
  return typeof input === 'string' ? new TextEncoder().encode(input) : Uint8Array.from(input.data);
}

const digest = (algorithm: string) => (data: Input) => createHash(algorithm).update(bytesOf(data)).digest('hex');
const keyed = (algorithm: string) => (key: Input, data: Input) =>
  createHmac(algorithm, bytesOf(key)).update(bytesOf(data)).digest('hex');

function encode(data: Input, isUrl: boolean): string {
  return Buffer.from(bytesOf(data)).toString(isUrl ? 'base64url' : 'base64');
}

function decode(text: string): StarlarkBytes {
  const compact = text.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) {
    const place = compact.search(/[^A-Za-z0-9+/_-]/);
    throw new StarlarkError('VALUE', `base64.decode: text is not base64: unexpected ${JSON.stringify(compact[place])}`);
  }
  charge(text.length);
  return new StarlarkBytes(Uint8Array.from(Buffer.from(compact, 'base64')));
}

function decodeText(data: StarlarkBytes, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(data.data));
  } catch {
    throw new StarlarkError('VALUE', `${name}: the bytes are not UTF-8 text`);
  }
}

const functions: readonly HostFunction[] = [
  new HostFunction('hash_md5(data: str | bytes) -> str', digest('md5')),
  new HostFunction('hash_sha1(data: str | bytes) -> str', digest('sha1')),
  new HostFunction('hash_sha256(data: str | bytes) -> str', digest('sha256')),
  new HostFunction('hash_sha512(data: str | bytes) -> str', digest('sha512')),
  new HostFunction('hmac_sha256(key: str | bytes, data: str | bytes) -> str', keyed('sha256')),
  new HostFunction('base64_encode(data: str | bytes, url: bool) -> str', encode),
  new HostFunction('base64_decode(text: str) -> bytes', decode),
  new HostFunction('decode_text(data: bytes, name: str) -> str', decodeText),
  new HostFunction('entropy() -> int', () => randomBytes(4).readUInt32LE()),
];

export const encodingNatives: ReadonlyMap<string, Value> = new Map(functions.map((each) => [each.name, each]));

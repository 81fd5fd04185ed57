import { createPublicKey, generateKeyPairSync } from 'node:crypto';

/** The claw's own Ed25519 key, in the form of the original: base64 of PEM. */
export function makeIdentity(): ReadonlyMap<string, string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const encode = (pem: string | Buffer) => Buffer.from(pem).toString('base64');
  return new Map([
    ['GATHER_PRIVATE_KEY', encode(privateKey.export({ format: 'pem', type: 'pkcs8' }))],
    ['GATHER_PUBLIC_KEY', encode(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }))],
  ]);
}

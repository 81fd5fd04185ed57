import { createHash } from 'node:crypto';
import type { Manifest } from '@clay/sdk';

export function scriptHash(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

/** Of everything that makes a generation of a script what it is. */
export function extensionHash(hash: string, manifest: Manifest): string {
  return createHash('sha256')
    .update(`${hash}\n${JSON.stringify(manifest)}`)
    .digest('hex');
}

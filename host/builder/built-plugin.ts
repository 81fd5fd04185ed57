import { createHash } from 'node:crypto';
import type { Manifest } from '@clay/sdk';
import type { BuiltTests } from './bundle/bundler.ts';
import type { BundleSummary } from './bundle/inputs.ts';
import type { Diagnostic } from './diagnostic.ts';

/** A plugin as it comes out of the builder: data, not yet on disk. */
export interface BuiltPlugin {
  readonly name: string;
  /** SHA-256 of bundle and manifest: what a generation is recognised by. */
  readonly hash: string;
  /** The ES module whose default export is the plugin. */
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  readonly manifest: Manifest;
  /** Digest of the sources that it was made from. */
  readonly sourceDigest: string;
  readonly summary: BundleSummary;
  readonly warnings: readonly Diagnostic[];
  /** Its tests, where it has some: no part of what is hashed and kept. */
  readonly tests?: BuiltTests;
}

/** The manifest as it is written and hashed. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Identity of a build, in hexadecimal. */
export function hashBuild(code: Uint8Array, manifest: string | Uint8Array): string {
  const text = typeof manifest === 'string' ? Buffer.from(manifest) : manifest;
  const hash = createHash('sha256').update(`${code.byteLength}:`).update(code);
  return hash.update(`${text.byteLength}:`).update(text).digest('hex');
}

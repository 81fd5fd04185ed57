import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError } from '@clay/sdk';
import { type KeyPair, makeKeyPair, readPrivateKey, requirePublicKey } from './key-pair.ts';

/** What the operator set, as text. */
export interface IdentitySettings {
  /** `GATHER_PRIVATE_KEY`. */
  readonly privateKey: string | null;
  /** `GATHER_PUBLIC_KEY`. */
  readonly publicKey: string | null;
}

export interface FoundIdentity {
  readonly pair: KeyPair;
  readonly from: 'GATHER_PRIVATE_KEY' | 'file';
  /** Made just now: tell it. */
  readonly isNew: boolean;
  /** The file was readable by others, and no longer is. */
  readonly wasExposed: boolean;
}

/** Lies beside the token, where neither a plugin nor a file tool of the agent reaches. */
export function identityFile(dataFolder: string): string {
  return join(dataFolder, 'identity.pem');
}

/** The identity that the operator set, else the one in `data/identity.pem`, else a new one that is put there with mode 0600. */
export function findIdentity({ privateKey, publicKey }: IdentitySettings, dataFolder: string): FoundIdentity {
  const found = privateKey === null ? fromFile(dataFolder) : fromSetting(privateKey);
  if (publicKey === null) return found;
  if (privateKey === null) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      'GATHER_PUBLIC_KEY is set without GATHER_PRIVATE_KEY, so that the claw could not prove that it is its own. Set both, or neither: then the claw makes its own.',
    );
  }
  requirePublicKey(publicKey, 'GATHER_PUBLIC_KEY', found.pair);
  return found;
}

function fromSetting(privateKey: string): FoundIdentity {
  const name = 'GATHER_PRIVATE_KEY';
  return { pair: readPrivateKey(privateKey, name), from: name, isNew: false, wasExposed: false };
}

function fromFile(dataFolder: string): FoundIdentity {
  const file = identityFile(dataFolder);
  const found = readFile(file);
  if (found !== null) return found;
  const pair = makeKeyPair();
  mkdirSync(dataFolder, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' });
  writeFileSync(temporary, pem, { mode: 0o600, flush: true });
  try {
    // A link, unlike a rename, fails when another process was first; then its identity counts.
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const winner = readFile(file);
    if (winner !== null) return winner;
  } finally {
    rmSync(temporary, { force: true });
  }
  return { pair, from: 'file', isNew: true, wasExposed: false };
}

function readFile(file: string): FoundIdentity | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const wasExposed = (statSync(file).mode & 0o077) !== 0;
  if (wasExposed) chmodSync(file, 0o600);
  return { pair: readPrivateKey(text, file), from: 'file', isNew: false, wasExposed };
}

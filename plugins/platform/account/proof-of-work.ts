import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClayError } from '@clay/sdk';

export interface ProofTask {
  readonly challenge: string;
  /** Leading zero bits that the hash has to have. */
  readonly difficulty: number;
}

export interface ProofOptions {
  readonly signal: AbortSignal;
  /** Whether there is still time; asked between batches. */
  readonly isLate: () => boolean;
  /** Hears from time to time how many hashes were tried. */
  readonly onProgress: (hashes: number) => void;
}

/** Some milliseconds of work: what else the process has to do waits no longer than that. */
const batch = 5000;
const batchesBetweenReports = 100;

/**
 * Finds the nonce for which SHA-256(challenge ":" nonce) begins with as many zero bits as are asked for. With 22 bits that
 * takes four million hashes in the middle, and may take several times that.
 */
export async function proveWork({ challenge, difficulty }: ProofTask, options: ProofOptions): Promise<string> {
  for (let batches = 0; ; batches++) {
    await nextTurn();
    if (options.signal.aborted) throw new ClayError('CANCELLED', 'The proof of work was cancelled.');
    if (options.isLate()) throw late(batches * batch, difficulty);
    if (batches > 0 && batches % batchesBetweenReports === 0) options.onProgress(batches * batch);
    for (let nonce = batches * batch; nonce < (batches + 1) * batch; nonce++) {
      if (hasProof(challenge, String(nonce), difficulty)) return String(nonce);
    }
  }
}

/** Whether a nonce answers a challenge. */
export function hasProof(challenge: string, nonce: string, difficulty: number): boolean {
  // Hex is three times as fast as a buffer of its own for each hash.
  const digest = hash('sha256', `${challenge}:${nonce}`, 'hex');
  const wholeDigits = difficulty >> 2;
  for (let index = 0; index < wholeDigits; index++) if (digest.charCodeAt(index) !== 48) return false;
  const rest = difficulty & 3;
  return rest === 0 || Number.parseInt(digest[wholeDigits] ?? 'f', 16) >> (4 - rest) === 0;
}

function late(hashes: number, difficulty: number): ClayError {
  return new ClayError(
    'TIMEOUT',
    `The proof of work with ${difficulty} zero bits was not found in time, after ${hashes} hashes. Try again: the next challenge may be luckier.`,
  );
}

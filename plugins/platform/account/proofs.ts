import { type Call, ClayError, type Clock } from '@clay/sdk';
import { z } from 'zod';
import type { PlatformHttp } from './platform-http.ts';
import { read } from './platform-session.ts';
import { proveWork } from './proof-of-work.ts';

export type ProofPurpose = 'register' | 'post';

/** What goes into a body that wants work to be proven. */
export interface Proof {
  readonly pow_challenge: string;
  readonly pow_nonce: string;
}

/** Without `algorithm` it is the one that there has always been. */
const challengeShape = z.object({
  challenge: z.string().min(1).max(200),
  difficulty: z.int().min(0).max(256),
  algorithm: z.string().default('sha256'),
  expires_in: z.number().positive(),
});

/** Time for the request that the proof is made for. */
const spareMs = 10_000;

/** Asks the platform for work, and does it. */
export class Proofs {
  readonly #http: PlatformHttp;
  readonly #clock: Clock;
  readonly #maxDifficulty: number;

  constructor(http: PlatformHttp, clock: Clock, maxDifficulty: number) {
    this.#http = http;
    this.#clock = clock;
    this.#maxDifficulty = maxDifficulty;
  }

  async make(purpose: ProofPurpose, call: Pick<Call, 'signal' | 'deadline' | 'progress'>): Promise<Proof> {
    const { signal, deadline } = call;
    const request = { method: 'POST', path: '/api/pow/challenge', body: { purpose }, signal, deadline };
    const task = read(challengeShape, await this.#http.send(request), 'The proof of work');
    this.#check(task);
    const end = Math.min(this.#clock.now() + task.expires_in * 1000, deadline) - spareMs;
    const expected = inMillions(2 ** task.difficulty);
    const pow_nonce = await proveWork(task, {
      signal,
      isLate: () => this.#clock.now() > end,
      onProgress: (hashes) => call.progress(`proof of work: ${inMillions(hashes)} of about ${expected} million hashes`),
    });
    return { pow_challenge: task.challenge, pow_nonce };
  }

  #check({ algorithm, difficulty }: z.infer<typeof challengeShape>): void {
    if (algorithm !== 'sha256') {
      throw new ClayError('UNAVAILABLE', `The platform wants a proof of work by ${algorithm}; this claw knows sha256.`);
    }
    if (difficulty > this.#maxDifficulty) {
      throw new ClayError(
        'REFUSED',
        `The platform wants a proof of work with ${difficulty} zero bits; this claw computes at most ${this.#maxDifficulty}. The operator can raise "maxDifficulty" of the platform plugin in clay.json.`,
      );
    }
  }
}

function inMillions(count: number): string {
  return (count / 1_000_000).toFixed(1);
}

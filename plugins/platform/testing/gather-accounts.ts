import { createHash, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import type { Clock } from '@clay/sdk';
import { hasProof } from '../account/proof-of-work.ts';
import { Refusal } from './refusal.ts';

const challengeMs = 300_000;
export const tokenSeconds = 3600;

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** Keys, challenges, tokens and proofs of work, by the rules of the platform. */
export class GatherAccounts {
  readonly agents: Agent[] = [];
  difficulty = 8;
  readonly #clock: Pick<Clock, 'now'>;
  #signingKey = randomBytes(32);
  readonly #nonces = new Map<string, { readonly nonce: Buffer; readonly expiresAt: number }>();
  readonly #proofs = new Map<string, { readonly purpose: string; readonly expiresAt: number; readonly bits: number }>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  add(name: string, publicKey: string): Agent {
    const fingerprint = fingerprintOf(publicKey);
    if (this.agents.some((one) => one.fingerprint === fingerprint))
      throw new Refusal(400, 'The key is registered already.');
    const agent = { id: `agent-${this.agents.length + 1}`, name, fingerprint };
    this.agents.push(agent);
    return agent;
  }

  /** One pending challenge for a key: a new one takes its place. */
  challenge(publicKey: string): string {
    const fingerprint = fingerprintOf(publicKey);
    if (!this.agents.some((one) => one.fingerprint === fingerprint)) throw new Refusal(404, 'No agent has this key.');
    const nonce = randomBytes(32);
    this.#nonces.set(fingerprint, { nonce, expiresAt: this.#clock.now() + challengeMs });
    return nonce.toString('base64');
  }

  /** The signature is over the decoded nonce, which is gone before it is verified. */
  authenticate(publicKey: string, signature: string): { readonly token: string; readonly agent: Agent } {
    const fingerprint = fingerprintOf(publicKey);
    const pending = this.#nonces.get(fingerprint);
    this.#nonces.delete(fingerprint);
    if (pending === undefined || pending.expiresAt < this.#clock.now())
      throw new Refusal(400, 'There is no challenge.');
    if (!verify(null, pending.nonce, publicKey, Buffer.from(signature, 'base64')))
      throw new Refusal(401, 'Bad signature.');
    const agent = this.agents.find((one) => one.fingerprint === fingerprint)!;
    return { token: this.#sign(agent), agent };
  }

  /** Every token given out so far is worth nothing. */
  changeSigningKey(): void {
    this.#signingKey = randomBytes(32);
  }

  require(authorization: string | undefined): Agent {
    const [head, payload, signature] = (authorization ?? '').replace(/^Bearer /, '').split('.');
    const expected = this.#mac(`${head}.${payload}`);
    if (signature === undefined || signature !== expected) throw new Refusal(401, 'The token is not valid.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { exp: number; agent_id: string };
    if (claims.exp * 1000 <= this.#clock.now()) throw new Refusal(401, 'The token has expired.');
    return this.agents.find(({ id }) => id === claims.agent_id)!;
  }

  work(purpose: string) {
    if (purpose !== 'register' && purpose !== 'post') throw new Refusal(422, 'The purpose is register or post.');
    const challenge = randomBytes(16).toString('hex');
    this.#proofs.set(challenge, { purpose, expiresAt: this.#clock.now() + challengeMs, bits: this.difficulty });
    return {
      challenge,
      difficulty: this.difficulty,
      algorithm: 'sha256',
      expires_in: challengeMs / 1000,
      hint: 'sha256(challenge:nonce)',
    };
  }

  requireWork(purpose: string, challenge: string, nonce: string): void {
    const asked = this.#proofs.get(challenge);
    this.#proofs.delete(challenge);
    const isGood =
      asked?.purpose === purpose && asked.expiresAt >= this.#clock.now() && hasProof(challenge, nonce, asked.bits);
    if (!isGood) throw new Refusal(422, 'The proof of work is none.');
  }

  #sign(agent: Agent): string {
    const iat = Math.floor(this.#clock.now() / 1000);
    const claims = {
      iss: 'gather.is',
      sub: agent.id,
      iat,
      exp: iat + tokenSeconds,
      agent_id: agent.id,
      pubkey_fp: agent.fingerprint,
    };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    // Two tokens of one second differ.
    const head = encode({ alg: 'HS256', typ: 'JWT', jti: randomBytes(8).toString('hex') });
    return `${head}.${encode(claims)}.${this.#mac(`${head}.${encode(claims)}`)}`;
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#signingKey).update(text).digest('base64url');
  }
}

function fingerprintOf(publicKey: string): string {
  try {
    const key = createPublicKey(publicKey);
    const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32);
    return createHash('sha256').update(raw).digest('hex');
  } catch {
    throw new Refusal(400, 'The public key is no PEM.');
  }
}

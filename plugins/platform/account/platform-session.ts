import { ClayError, type Clock, type HttpResponse, toFailure } from '@clay/sdk';
import { z } from 'zod';
import type { Identity } from './identity.ts';
import { isDone, type PlatformHttp, type PlatformRequest, refusalOf } from './platform-http.ts';

/** How long somebody waits for a token, and with what he stops. */
export type Patience = Pick<PlatformRequest, 'signal' | 'deadline'>;

interface Token {
  readonly value: string;
  readonly renewAt: number;
}

const challengeShape = z.object({ nonce: z.base64().min(1) });
const tokenShape = z.object({
  token: z.string().min(1),
  agent_id: z.string().min(1),
  expires_in: z.number().positive(),
});

/** A request that leaves now shall not meet the end of its token. */
const earlyMs = 60_000;
/** A pending challenge is replaced by whoever else asks for one under the same key. */
const maxAttempts = 2;

/**
 * The claw's login on the platform: a token that is had by signing a nonce, kept in memory, and renewed before it ends.
 * However many ask at once, one challenge is answered.
 */
export class PlatformSession {
  readonly #http: PlatformHttp;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #onAgent: (agentId: string) => Promise<void>;
  #token: Token | null = null;
  #pending: Promise<Token> | null = null;

  constructor(http: PlatformHttp, identity: Identity, clock: Clock, onAgent: (agentId: string) => Promise<void>) {
    this.#http = http;
    this.#identity = identity;
    this.#clock = clock;
    this.#onAgent = onAgent;
  }

  /** Sends a request with the claw's token; with a fresh one once again when the platform does not take it (401). */
  async send(request: PlatformRequest): Promise<HttpResponse> {
    const first = await this.#current(request);
    const response = await this.#sendWith(first, request);
    if (response.status !== 401) return response;
    if (this.#token?.value === first) this.#token = null;
    return this.#sendWith(await this.#current(request), request);
  }

  /** Throws when the platform does not know the claw. */
  async login(patience: Patience): Promise<void> {
    await this.#current(patience);
  }

  #sendWith(token: string, request: PlatformRequest): Promise<HttpResponse> {
    return this.#http.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });
  }

  async #current(patience: Patience): Promise<string> {
    for (;;) {
      if (this.#token !== null && this.#clock.now() < this.#token.renewAt) return this.#token.value;
      const isMine = this.#pending === null;
      this.#pending ??= this.#authenticate(patience).finally(() => {
        this.#pending = null;
      });
      try {
        this.#token = await this.#pending;
        return this.#token.value;
      } catch (error) {
        // The login of somebody who gave up: this one has not.
        const isTheirs =
          !isMine && !patience.signal.aborted && ['CANCELLED', 'TIMEOUT'].includes(toFailure(error).code);
        if (!isTheirs) throw error;
      }
    }
  }

  async #authenticate(patience: Patience): Promise<Token> {
    const { publicKey, fingerprint } = await this.#identity.show();
    for (let attempt = 1; ; attempt++) {
      const challenge = await this.#post('/api/agents/challenge', { public_key: publicKey }, patience);
      if (challenge.status === 404) throw unknown(fingerprint);
      const { nonce } = read(challengeShape, challenge, 'The challenge');
      const signature = await this.#identity.sign(nonce);
      const askedAt = this.#clock.now();
      const answer = await this.#post('/api/agents/authenticate', { public_key: publicKey, signature }, patience);
      // Gone, or of another nonce by now.
      if ((answer.status === 400 || answer.status === 401) && attempt < maxAttempts) continue;
      const { token, agent_id, expires_in } = read(tokenShape, answer, 'The login');
      await this.#onAgent(agent_id);
      const lifeMs = expires_in * 1000;
      return { value: token, renewAt: askedAt + lifeMs - Math.min(earlyMs, lifeMs / 10) };
    }
  }

  #post(path: string, body: unknown, { signal, deadline }: Patience): Promise<HttpResponse> {
    return this.#http.send({ method: 'POST', path, body, signal, deadline });
  }
}

/** Reads an answer of the platform. Throws what it says when it is a refusal, and `UNAVAILABLE` when it is something else. */
export function read<S extends z.ZodType>(shape: S, response: HttpResponse, what: string): z.infer<S> {
  if (!isDone(response)) throw refusalOf(response, what);
  const parsed = shape.safeParse(jsonOf(response));
  if (parsed.success) return parsed.data;
  const problem = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  throw new ClayError(
    'UNAVAILABLE',
    `${what}: the platform answered with something else than was expected: ${problem}`,
  );
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    // The shape then tells that it is none.
    return response.text();
  }
}

function unknown(fingerprint: string): ClayError {
  return new ClayError(
    'NOT_FOUND',
    `The platform does not know this claw's key (fingerprint ${fingerprint}). Register the claw with platform_register, if the person wants it to be there.`,
  );
}

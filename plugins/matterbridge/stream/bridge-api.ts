import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { ClayError, type JsonObject } from '@clay/sdk';

const keepAliveMs = 10_000;
const answerMs = 15_000;
/** Errors of a connection that never was. */
const neverSent = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'ENETUNREACH']);

/**
 * Matterbridge's HTTP API. Every request has a connection of its own: a stream that is half open tells nothing of the
 * process behind it. The answer to a post comes before, and regardless of, the delivery.
 */
export class BridgeApi {
  readonly #url: string;
  readonly #token: string | null;

  constructor(url: string, token: string | null) {
    // `localhost` may mean ::1 first, where matterbridge does not listen.
    this.#url = url.replace(/\/$/, '').replace(/^http:\/\/localhost(?=[:/]|$)/, 'http://127.0.0.1');
    this.#token = token;
  }

  /** Resolves when the answer begins; its body goes on for as long as both live. */
  async stream(signal: AbortSignal): Promise<IncomingMessage> {
    const answer = await this.#send('GET', '/api/stream', null, signal);
    if (answer.statusCode === 200) return answer;
    throw await refusal(answer);
  }

  async post(message: JsonObject, signal: AbortSignal): Promise<void> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const answer = await this.#send('POST', '/api/message', JSON.stringify(message), within);
    if (answer.statusCode !== 200) throw await refusal(answer);
    answer.resume();
  }

  /** Throws when nobody healthy answers in time. */
  async checkHealth(signal: AbortSignal, timeoutMs: number): Promise<void> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await this.#send('GET', '/api/health', null, within);
    if (answer.statusCode !== 200) throw await refusal(answer);
    answer.resume();
  }

  #send(method: string, path: string, body: string | null, signal: AbortSignal): Promise<IncomingMessage> {
    const headers: Record<string, string | number> = {};
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    if (body !== null) {
      // A form post is answered with 200, and nothing is sent.
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const options: RequestOptions = { method, headers, signal, agent: false };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url + path, options, resolve);
      sent.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs));
      sent.on('error', (cause) => reject(explain(cause, method)));
      sent.end(body ?? undefined);
    });
  }
}

/** Of a post that may have been taken nobody can say whether it was. */
function explain(cause: Error & { code?: string }, method: string): ClayError {
  const reason = cause.message || cause.code || 'the connection failed';
  const isUnsure = method === 'POST' && !neverSent.has(cause.code ?? '');
  return new ClayError(isUnsure ? 'CALL_OUTCOME_UNKNOWN' : 'UNAVAILABLE', `Matterbridge does not answer: ${reason}`, {
    cause,
  });
}

async function refusal(answer: IncomingMessage): Promise<ClayError> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 1000) break;
  }
  const isToken = answer.statusCode === 401 || answer.statusCode === 400;
  const told = `Matterbridge answered ${answer.statusCode}: ${text.slice(0, 200).trim()}`;
  return new ClayError('UNAVAILABLE', isToken ? `${told}. Does its API have the token of this claw?` : told);
}

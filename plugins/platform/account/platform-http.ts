import { ClayError, type Clock, foreignText, type Http, type HttpResponse } from '@clay/sdk';

export interface PlatformRequest {
  readonly method: string;
  /** With its query, from the first slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, after which nobody waits for the answer. */
  readonly deadline: number;
}

const timeoutMs = 30_000;
const maxBytes = 4 * 1024 * 1024;
const maxTries = 4;
const firstWaitMs = 1000;
/** A longer wait is the caller's to decide on. */
const maxWaitMs = 60_000;

/** Requests to the platform. One that comes too soon (429) is sent again when the platform says. */
export class PlatformHttp {
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #baseUrl: string;

  constructor(http: Http, clock: Clock, baseUrl: string) {
    this.#http = http;
    this.#clock = clock;
    this.#baseUrl = baseUrl;
  }

  async send(request: PlatformRequest): Promise<HttpResponse> {
    for (let tries = 1; ; tries++) {
      const response = await this.#once(request);
      if (response.status !== 429) return response;
      const waitMs = retryAfterMs(response, this.#clock.now()) ?? firstWaitMs * 2 ** (tries - 1);
      const isWorthIt = tries < maxTries && waitMs <= maxWaitMs && this.#clock.now() + waitMs < request.deadline;
      if (!isWorthIt) throw tooSoon(request, waitMs);
      await this.#clock.sleep(waitMs, request.signal);
    }
  }

  async #once({ method, path, headers, body, signal, deadline }: PlatformRequest): Promise<HttpResponse> {
    const options = {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: Math.max(1, Math.min(timeoutMs, deadline - this.#clock.now())),
      maxBytes,
      // A redirect would take the body, and with it what the claw says, to wherever the answer points.
      maxRedirects: method === 'GET' ? 3 : 0,
      signal,
    };
    try {
      return await this.#http.fetch(`${this.#baseUrl}${path}`, options);
    } catch (error) {
      throw explain(error, this.#baseUrl);
    }
  }
}

function explain(error: unknown, baseUrl: string): unknown {
  if (!(error instanceof ClayError) || error.code !== 'REFUSED') return error;
  const { origin } = new URL(baseUrl);
  return new ClayError(
    'REFUSED',
    `${error.message} The operator opens a private address to this plugin in clay.json: "privateOrigins": { "platform": ["${origin}"] }.`,
    { cause: error },
  );
}

/** Seconds, or a date. */
function retryAfterMs({ headers }: HttpResponse, now: number): number | null {
  const value = headers['retry-after'];
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

function tooSoon({ method, path }: PlatformRequest, waitMs: number): ClayError {
  const seconds = Math.ceil(waitMs / 1000);
  return new ClayError(
    'UNAVAILABLE',
    `The platform takes no more requests for now (${method} ${path}, HTTP 429). Try again in ${seconds} seconds.`,
    { data: { retryAfterSeconds: seconds } },
  );
}

/** A redirect that was not followed is no answer either. */
export function isDone({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

/** What the platform says went wrong, as an error that keeps its words. */
export function refusalOf(response: HttpResponse, what: string): ClayError {
  const { status } = response;
  const text = response.text();
  const code =
    status === 404
      ? 'NOT_FOUND'
      : status === 401 || status === 402 || status === 403
        ? 'REFUSED'
        : status === 409
          ? 'CONFLICT'
          : status >= 400 && status < 500
            ? 'BAD_ARGUMENTS'
            : 'UNAVAILABLE';
  return new ClayError(code, `${what}: the platform answered HTTP ${status}${detailOf(text)}`, {
    output: foreignText({ origin: 'tool', source: response.url, text: text.slice(0, 4000) }),
    data: { status },
  });
}

/** `detail` and `errors` of RFC 9457, as the platform writes them. */
function detailOf(text: string): string {
  let problem: unknown;
  try {
    problem = JSON.parse(text);
  } catch {
    // No problem document: the output holds what it is.
    return '.';
  }
  if (typeof problem !== 'object' || problem === null) return '.';
  const { detail, title, errors } = problem as { detail?: unknown; title?: unknown; errors?: unknown };
  const listed = Array.isArray(errors)
    ? errors.map((one: { message?: unknown; location?: unknown }) =>
        `${one?.location ?? ''} ${one?.message ?? ''}`.trim(),
      )
    : [];
  const words = [detail ?? title, ...listed].filter((one) => typeof one === 'string' && one !== '').join('; ');
  return words === '' ? '.' : ` (${words.replaceAll(/\s+/g, ' ').slice(0, 500)}).`;
}

import { ClayError, type Clock, type ErrorCode, errorCodes, type Failure, fromFailure } from '@clay/sdk';
import type { BuildPhase } from '../build-error.ts';
import type { Builder, BuildRequest, CheckedPlugin } from '../builder.ts';
import type { BuiltPlugin } from '../built-plugin.ts';
import { type BuildLimits, defaultLimits } from '../limits.ts';
import { packSources } from '../source/archive.ts';
import { readSources } from '../source/read-sources.ts';
import { badAnswer, readBuilt, readChecked } from './build-answer.ts';

export interface RemoteBuilderOptions {
  /** `BUILD_SERVICE_URL`. */
  readonly url: string;
  readonly clock: Clock;
  /** Needed where the service does not listen on loopback. */
  readonly token?: string;
  /** Who asks, when a request does not say it. */
  readonly tenant?: string;
  readonly limits?: Partial<BuildLimits>;
  /** For the whole of a request, waiting in the queue included. Default: 120,000. */
  readonly requestMs?: number;
}

const defaultRequestMs = 120_000;

/** Builds at a build service, with the same results and the same errors as the library. */
export function createRemoteBuilder(options: RemoteBuilderOptions): Builder {
  const limits = { ...defaultLimits, ...options.limits };
  const { url, clock, requestMs = defaultRequestMs } = options;
  const closing = new AbortController();

  return {
    build: async (request, signal): Promise<BuiltPlugin> => readBuilt(await send('build', request, signal), url),
    check: async (request, signal): Promise<CheckedPlugin> => readChecked(await send('check', request, signal), url),
    async close() {
      closing.abort();
    },
  };

  async function send(route: 'build' | 'check', request: BuildRequest, signal?: AbortSignal): Promise<unknown> {
    const tree = 'folder' in request ? await readSources(request.folder, limits) : { name: null, files: request.files };
    const address = new URL(route, url.endsWith('/') ? url : `${url}/`);
    const name = request.name ?? tree.name;
    if (name !== null) address.searchParams.set('name', name);
    const tenant = request.tenant ?? options.tenant;
    const headers = {
      'content-type': 'application/gzip',
      ...(tenant === undefined ? {} : { 'x-clay-tenant': tenant }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    };
    const deadline = new AbortController();
    const cancelDeadline = clock.after(requestMs, () => deadline.abort());
    const signals = [deadline.signal, closing.signal, ...(signal === undefined ? [] : [signal])];
    try {
      const body = packSources(tree);
      const response = await fetch(address, { method: 'POST', body, headers, signal: AbortSignal.any(signals) });
      const answer = await readJson(response);
      if (response.ok) return answer;
      throw toError(answer, response);
    } catch (error) {
      if (error instanceof ClayError) throw error;
      if (deadline.signal.aborted)
        throw new ClayError('TIMEOUT', `The build service at ${url} did not answer within ${requestMs} ms.`, {
          phase: route,
        });
      if (signal?.aborted || closing.signal.aborted)
        throw new ClayError('CANCELLED', `The ${route} was cancelled.`, { phase: route });
      throw unreachable(error, route);
    } finally {
      cancelDeadline();
    }
  }

  async function readJson(response: Response): Promise<unknown> {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw badAnswer(url, `status ${response.status} with ${JSON.stringify(text.slice(0, 200))}`);
    }
  }

  /** The service's own failures are the library's; what it refuses at its door concerns the operator. */
  function toError(answer: unknown, response: Response): ClayError {
    const failure = answer as Partial<Failure> & { readonly success?: boolean };
    if (typeof failure?.error !== 'string' || typeof failure.code !== 'string')
      return badAnswer(url, `status ${response.status}`);
    const { success: _, ...rest } = failure;
    if (Object.hasOwn(errorCodes, failure.code)) return fromFailure(rest as Failure);
    const retryAfterSeconds = Number(response.headers.get('retry-after') ?? 0);
    const code: ErrorCode = response.status === 429 ? 'UNAVAILABLE' : 'REFUSED';
    const data = response.status === 429 ? { data: { retryAfterSeconds } } : {};
    return new ClayError(code, `The build service at ${url} refused: ${failure.error}`, data);
  }

  function unreachable(cause: unknown, phase: BuildPhase): ClayError {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    const message = `The build service at ${url} cannot be reached: ${reason}. Start it with "clay build-service", or unset BUILD_SERVICE_URL to build in the host.`;
    return new ClayError('UNAVAILABLE', message, { phase, cause });
  }
}

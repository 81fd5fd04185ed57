import type { Clock, Log } from '@clay/sdk';
import { IdleWatch } from '../idle-watch.ts';
import type { Model, ModelRequest, ModelResponse } from '../model.ts';
import { ModelError, withoutSecret } from '../model-error.ts';
import { defaultRetryPolicy, type RetryPolicy, withRetries } from '../retry.ts';
import { ShownText } from '../shown-text.ts';
import { Answer } from './answer.ts';
import { toProviderError } from './provider-error.ts';
import { toMessagesRequest } from './request.ts';
import { Anthropic } from './sdk.ts';
import { watchedFetch } from './watched-fetch.ts';

export interface AnthropicModelOptions {
  readonly apiKey: string;
  readonly keyStyle: 'key' | 'bearer';
  readonly baseUrl: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly thinkingTokens: number;
  /** `auto` marks the prompt until the backend refuses a mark. Default `auto`. */
  readonly promptCache?: 'auto' | 'off';
  /** One call without a byte arriving. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry?: RetryPolicy;
  readonly random?: () => number;
}

/** A model behind an Anthropic-compatible Messages API, always streamed from the provider. */
export class AnthropicModel implements Model {
  readonly provider = 'anthropic';
  readonly name: string;
  readonly #options: AnthropicModelOptions;
  readonly #client: Anthropic;
  readonly #origin: string;
  #usesPromptCache: boolean;
  #replaysThinking = true;

  constructor(options: AnthropicModelOptions) {
    this.name = options.model;
    this.#options = options;
    this.#origin = new URL(options.baseUrl).host;
    this.#usesPromptCache = options.promptCache !== 'off';
    this.#client = new Anthropic({
      baseURL: options.baseUrl.replace(/\/+$/, ''),
      // Given in both styles, so that the SDK never looks for credentials of its own.
      apiKey: null,
      authToken: options.apiKey,
      ...(options.keyStyle === 'key' && {
        defaultHeaders: { 'x-api-key': options.apiKey, authorization: null },
      }),
      // Ours cover cut streams too, and must not multiply with these.
      maxRetries: 0,
      logLevel: 'off',
    });
  }

  async *generate(request: ModelRequest): AsyncGenerator<ModelResponse, void, void> {
    const shown = new ShownText();
    const { clock, log, retry = defaultRetryPolicy, random = Math.random } = this.#options;
    const onRetry = (error: ModelError, waitMs: number) =>
      log.warn('model.retry', { model: this.name, code: error.code, details: error.details, waitMs });
    const attempt = () => this.#attemptOrAdapt(request, shown);
    yield* withRetries(attempt, { policy: retry, clock, random, signal: request.signal, onRetry });
  }

  /** A backend that refuses an option of ours is asked again without it, now and from then on. */
  async *#attemptOrAdapt(request: ModelRequest, shown: ShownText): AsyncGenerator<ModelResponse, void, void> {
    for (;;) {
      try {
        yield* this.#attempt(request, shown);
        return;
      } catch (thrown) {
        if (!(thrown instanceof ModelError) || thrown.code !== 'MODEL_BAD_REQUEST' || !this.#adapt(thrown))
          throw thrown;
      }
    }
  }

  #adapt({ details }: ModelError): boolean {
    if (this.#usesPromptCache && /cache_control/i.test(details)) this.#usesPromptCache = false;
    else if (this.#replaysThinking && /signature|thinking block/i.test(details)) this.#replaysThinking = false;
    else return false;
    this.#options.log.warn('model.adapted', { model: this.name, details });
    return true;
  }

  async *#attempt(request: ModelRequest, shown: ShownText): AsyncGenerator<ModelResponse, void, void> {
    const { apiKey, baseUrl, clock, idleMs } = this.#options;
    const watch = new IdleWatch(clock, idleMs);
    const answer = new Answer(this.#origin);
    const signal = request.signal ? AbortSignal.any([request.signal, watch.signal]) : watch.signal;
    shown.beginAttempt();
    try {
      const client = this.#client.withOptions({ fetch: watchedFetch(watch, baseUrl) });
      const params = toMessagesRequest(request, {
        ...this.#options,
        origin: this.#origin,
        usesPromptCache: this.#usesPromptCache,
        replaysThinking: this.#replaysThinking,
      });
      // The whole call is bounded by the idle watch and the turn; the SDK's own timeout would cut long answers.
      const events = await client.messages.create(params, { signal, timeout: 24 * 3_600_000 });
      for await (const event of events) {
        const part = answer.add(event);
        const piece = part && request.stream ? shown.next(part) : undefined;
        if (piece) yield { partial: true, content: { role: 'model', parts: [piece] } };
      }
    } catch (thrown) {
      if (!signal.aborted) throw withoutSecret(toProviderError(thrown, baseUrl), apiKey);
    } finally {
      watch.end();
      const spent = answer.isWhole ? undefined : answer.spent();
      if (spent !== undefined) request.onLost?.(spent);
    }
    if (request.signal?.aborted) return;
    // The SDK ends the iteration of an aborted stream without an error.
    if (watch.signal.aborted) {
      throw new ModelError('MODEL_TIMEOUT', { details: `${baseUrl}: no byte for ${idleMs} ms`, isRetryable: true });
    }
    if (!answer.hasBegun) {
      throw new ModelError('MODEL_BAD_ANSWER', { details: `${baseUrl}: an event stream without any message` });
    }
    if (!answer.isWhole) {
      throw new ModelError('MODEL_CUT', { details: `${baseUrl}: the stream ended early`, isRetryable: true });
    }
    yield answer.response();
  }
}

import type { Clock, Log } from '@clay/sdk';
import type { LlmRequest, LlmResponse } from '../../adk.ts';
import type { Content, Part } from '../../event-json.ts';
import { IdleWatch } from '../idle-watch.ts';
import type { FinishReason, Model, ModelRequest, ModelResponse } from '../model.ts';
import { ModelError, type ModelErrorCode, withoutSecret } from '../model-error.ts';
import { defaultRetryPolicy, type RetryPolicy, withRetries } from '../retry.ts';
import { ShownText } from '../shown-text.ts';
import { Gemini } from './adk-gemini.ts';

export interface GeminiModelOptions {
  readonly apiKey: string;
  readonly model: string;
  /** One call without anything arriving. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry?: RetryPolicy;
  readonly random?: () => number;
  /** Default: one that talks to Google. */
  readonly engine?: Pick<Gemini, 'generateContentAsync'>;
}

/** Gemini, through the engine's own adapter. */
export class GeminiModel implements Model {
  readonly provider = 'gemini';
  readonly name: string;
  readonly #options: GeminiModelOptions;
  readonly #engine: Pick<Gemini, 'generateContentAsync'>;

  constructor(options: GeminiModelOptions) {
    this.name = options.model;
    this.#options = options;
    this.#engine = options.engine ?? new Gemini({ model: options.model, apiKey: options.apiKey, vertexai: false });
  }

  async *generate(request: ModelRequest): AsyncGenerator<ModelResponse, void, void> {
    const { clock, log, retry = defaultRetryPolicy, random = Math.random } = this.#options;
    const shown = new ShownText();
    const onRetry = (error: ModelError, waitMs: number) =>
      log.warn('model.retry', { model: this.name, code: error.code, details: error.details, waitMs });
    const attempt = () => this.#attempt(request, shown);
    yield* withRetries(attempt, { policy: retry, clock, random, signal: request.signal, onRetry });
  }

  async *#attempt(request: ModelRequest, shown: ShownText): AsyncGenerator<ModelResponse, void, void> {
    const { clock, idleMs } = this.#options;
    const watch = new IdleWatch(clock, idleMs);
    const signal = request.signal ? AbortSignal.any([request.signal, watch.signal]) : watch.signal;
    const wholes: ModelResponse[] = [];
    let counted: LlmResponse['usageMetadata'];
    shown.beginAttempt();
    try {
      const responses = this.#engine.generateContentAsync(toRequest(request), request.stream, signal);
      for await (const response of untilAborted(responses, signal)) {
        watch.touch();
        counted = response.usageMetadata ?? counted;
        if (response.errorCode) throw responseError(response);
        if (!response.partial) wholes.push(toResponse(response));
        else yield* request.stream ? pieces(response, shown) : [];
      }
    } catch (thrown) {
      if (!signal.aborted) throw withoutSecret(toGeminiError(thrown), this.#options.apiKey);
    } finally {
      watch.end();
      if (counted !== undefined && (wholes.length === 0 || signal.aborted)) request.onLost?.({ usage: counted });
    }
    if (request.signal?.aborted) return;
    if (watch.signal.aborted) {
      throw new ModelError('MODEL_TIMEOUT', { details: `gemini: nothing for ${idleMs} ms`, isRetryable: true });
    }
    if (wholes.length === 0) {
      throw new ModelError('MODEL_CUT', { details: 'gemini: the stream ended early', isRetryable: true });
    }
    yield merged(wholes);
  }
}

/** The engine's adapter may not heed the signal. */
async function* untilAborted<T>(source: AsyncGenerator<T, void>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const aborted = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
  while (!signal.aborted) {
    const step = await Promise.race([source.next(), aborted]);
    if (step === null || step.done) return;
    yield step.value;
  }
}

/** Texts only: the engine would run the calls of a partial response, and again those of the whole one. */
function* pieces({ content }: LlmResponse, shown: ShownText): Generator<ModelResponse, void, void> {
  for (const part of content?.parts ?? []) {
    const piece = part.text ? shown.next(part) : undefined;
    if (piece) yield { partial: true, content: { role: 'model', parts: [piece] } };
  }
}

/** The engine's adapter may give texts and calls of one answer apart. */
function merged(wholes: readonly ModelResponse[]): ModelResponse {
  const parts = wholes.flatMap(({ content }) => content?.parts ?? []);
  return { ...Object.assign({}, ...wholes), content: { role: 'model', parts } };
}

function toRequest(request: ModelRequest): LlmRequest {
  const { system, tools, maxTokens } = request;
  return {
    contents: request.contents.map(toGeminiContent).filter((content) => content.parts!.length > 0),
    toolsDict: {},
    liveConnectConfig: {},
    config: {
      ...(system !== '' && { systemInstruction: system }),
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      ...(tools.length > 0 && {
        tools: [
          {
            functionDeclarations: tools.map(({ name, description, parameters }) => ({
              name,
              description,
              parametersJsonSchema: parameters,
            })),
          },
        ],
      }),
    },
  };
}

/** A copy, because the engine changes what it is given; without what another provider signed, and without ids made by the engine. */
function toGeminiContent(content: Content): Content {
  const parts = (content.parts ?? []).filter((part) => !isForeignThought(part, content.role)).map(toGeminiPart);
  return { ...content, parts };
}

function isForeignThought(part: Part, role: string | undefined): boolean {
  const isForeign = part.thoughtSignature?.startsWith('anthropic/') ?? false;
  return part.thought === true && (isForeign || role !== 'model');
}

function toGeminiPart(part: Part): Part {
  const copy = structuredClone(part);
  if (copy.functionCall?.id?.startsWith('adk-')) delete copy.functionCall.id;
  if (copy.functionResponse?.id?.startsWith('adk-')) delete copy.functionResponse.id;
  return copy;
}

function toResponse({ content, finishReason, usageMetadata, modelVersion }: LlmResponse): ModelResponse {
  // An empty first text makes the engine drop the whole event.
  const parts = content?.parts?.filter((part) => part.text !== '' || part.functionCall || part.thoughtSignature);
  return {
    ...(content && { content: { ...content, parts: parts ?? [] } }),
    ...(finishReason && { finishReason: toFinishReason(finishReason) }),
    ...(usageMetadata && { usage: usageMetadata }),
    ...(modelVersion && { modelVersion }),
  };
}

function toFinishReason(reason: string): FinishReason {
  if (reason === 'STOP' || reason === 'MAX_TOKENS' || reason === 'SAFETY') return reason;
  return 'OTHER';
}

function responseError({ errorCode, errorMessage = '' }: LlmResponse): ModelError {
  const details = `gemini: ${errorCode} ${errorMessage}`.trim();
  return new ModelError(errorCode === 'MALFORMED_FUNCTION_CALL' ? 'MODEL_BAD_ANSWER' : 'MODEL_FAILED', {
    details,
    isRetryable: errorCode === 'MALFORMED_FUNCTION_CALL',
  });
}

function toGeminiError(thrown: unknown): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const status = (thrown as { status?: unknown } | null)?.status;
  const details = `gemini: ${message}`;
  if (typeof status !== 'number') {
    const isNetwork = /fetch failed|ECONN|ENOTFOUND|terminated|socket/i.test(message);
    return new ModelError(isNetwork ? 'MODEL_UNREACHABLE' : 'MODEL_FAILED', {
      details,
      isRetryable: isNetwork,
      cause: thrown,
    });
  }
  const isRetryable = status === 429 || status >= 500;
  return new ModelError(codeOf(status, message), { details, isRetryable, cause: thrown });
}

function codeOf(status: number, message: string): ModelErrorCode {
  if (status === 401 || /API key not valid|API_KEY_INVALID/i.test(message)) return 'MODEL_AUTH';
  if (/exceeds the maximum number of tokens/i.test(message)) return 'MODEL_CONTEXT_TOO_LONG';
  if (status === 403) return 'MODEL_FORBIDDEN';
  if (status === 404) return 'MODEL_NOT_FOUND';
  if (status === 429) return 'MODEL_RATE_LIMIT';
  if (status === 503) return 'MODEL_OVERLOADED';
  return status >= 500 ? 'MODEL_UNAVAILABLE' : 'MODEL_BAD_REQUEST';
}

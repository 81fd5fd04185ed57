import type { Clock, Log } from '@clay/sdk';
import type { LlmRequest, LlmResponse } from '../../adk.ts';
import type { Content, Part } from '../../event-json.ts';
import type { FinishReason, Model, ModelRequest, ModelResponse } from '../model.ts';
import { ModelError, type ModelErrorCode } from '../model-error.ts';
import { defaultRetryPolicy, type RetryPolicy, withRetries } from '../retry.ts';
import { Gemini } from './adk-gemini.ts';

export interface GeminiModelOptions {
  readonly apiKey: string;
  readonly model: string;
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
    let hasShown = false;
    const generate = this.#attempt.bind(this);
    async function* attempt(): AsyncGenerator<ModelResponse, void, void> {
      for await (const response of generate(request)) {
        // An answer that is asked for again is shown only as a whole: its beginning has been shown already.
        if (response.partial && hasShown) continue;
        yield response;
      }
    }
    const onRetry = (error: ModelError, waitMs: number) => {
      hasShown = true;
      log.warn('model.retry', { model: this.name, code: error.code, details: error.details, waitMs });
    };
    yield* withRetries(attempt, { policy: retry, clock, random, signal: request.signal, onRetry });
  }

  async *#attempt(request: ModelRequest): AsyncGenerator<ModelResponse, void, void> {
    let hasEnded = false;
    try {
      for await (const response of this.#engine.generateContentAsync(
        toRequest(request),
        request.stream,
        request.signal,
      )) {
        if (request.signal?.aborted) return;
        if (response.errorCode) throw responseError(response);
        hasEnded ||= !response.partial;
        yield toResponse(response);
      }
    } catch (thrown) {
      if (request.signal?.aborted) return;
      throw toGeminiError(thrown);
    }
    if (!hasEnded && !request.signal?.aborted) {
      throw new ModelError('MODEL_CUT', { details: 'gemini: the stream ended early', isRetryable: true });
    }
  }
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

function toResponse({ content, partial, finishReason, usageMetadata, modelVersion }: LlmResponse): ModelResponse {
  // An empty first text makes the engine drop the whole event.
  const parts = content?.parts?.filter((part) => part.text !== '' || part.functionCall || part.thoughtSignature);
  return {
    ...(content && { content: { ...content, parts: parts ?? [] } }),
    ...(partial && { partial }),
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

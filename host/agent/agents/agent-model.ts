import { randomUUID } from 'node:crypto';
import type { Json } from '@clay/sdk';
import { BaseLlm, type LlmRequest, type LlmResponse } from '../adk.ts';
import { ForeignResults } from '../contents/foreign-results.ts';
import type { Content, Part } from '../event-json.ts';
import { meteredGenerate } from '../models/metered.ts';
import type { ModelRequest, ModelResponse } from '../models/model.ts';
import { ModelError, toModelError } from '../models/model-error.ts';
import type { AgentTools } from '../tools/agent-tools.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { Conversation } from './conversation.ts';

export interface AgentModelOptions {
  readonly agent: string;
  readonly plugin: string;
  /** Model name; default: the one that the user has chosen, else the claw's own. */
  readonly model: string | undefined;
  readonly tools: AgentTools;
  readonly conversation: Conversation;
}

/**
 * Between the engine and a model: limits and accounts for every call, and turns every failure into a response that the person
 * can read, so that the engine never sees an error it would answer by calling again.
 */
export class AgentModel extends BaseLlm {
  readonly #scope: TurnScope;
  readonly #options: AgentModelOptions;
  readonly #foreign: ForeignResults;

  constructor(scope: TurnScope, options: AgentModelOptions) {
    super({ model: options.model ?? scope.parts.modelChoice.of(scope.call.user) });
    this.#scope = scope;
    this.#options = options;
    this.#foreign = new ForeignResults(scope.parts.registry, () => scope.live.events);
  }

  override async *generateContentAsync(
    request: LlmRequest,
    stream?: boolean,
    abortSignal?: AbortSignal,
  ): AsyncGenerator<LlmResponse, void> {
    request.toolsDict = this.#options.tools.tolerant(request.toolsDict);
    const shown: Part[] = [];
    try {
      for await (const response of this.#generate(request, stream ?? false, abortSignal ?? this.#scope.signal)) {
        if (response.partial) shown.push(...(response.content?.parts ?? []));
        yield toLlmResponse(response);
      }
    } catch (thrown) {
      const error = toModelError(thrown);
      this.#scope.parts.log.warn('model.failed', {
        agent: this.#options.agent,
        turn: this.#scope.call.turn,
        code: error.code,
        details: error.details,
      });
      yield errorResponse(error, shown);
    }
  }

  override connect(): Promise<never> {
    return Promise.reject(new Error('Live connections are not supported.'));
  }

  async *#generate(request: LlmRequest, stream: boolean, signal: AbortSignal): AsyncGenerator<ModelResponse> {
    const model = await this.#scope.parts.models.get(this.model);
    const { conversation } = this.#options;
    let hasCompacted = false;
    for (let tries = 1; ; tries++) {
      const { system, contents } = conversation.view(request);
      const modelRequest: ModelRequest = {
        system,
        // The offline model reads no text for orders, and shows results as they are.
        contents: model.provider === 'offline' ? contents : contents.map((content) => this.#foreign.mark(content)),
        tools: declarations(request),
        purpose: 'turn',
        stream,
        signal,
      };
      try {
        let isEmpty = false;
        for await (const response of meteredGenerate(this.#scope, model, modelRequest, this.#options)) {
          isEmpty = !response.partial && !response.content?.parts?.length;
          if (!isEmpty) yield response.partial ? response : withUniqueIds(response, this.#scope.callIds);
        }
        if (!isEmpty || signal.aborted) return;
        if (tries > 1)
          throw new ModelError('MODEL_EMPTY', { details: `${model.name} answered without any content twice` });
      } catch (error) {
        const isTooLong = error instanceof ModelError && error.code === 'MODEL_CONTEXT_TOO_LONG';
        if (!isTooLong || hasCompacted || !(await conversation.compactNow(signal))) throw error;
        hasCompacted = true;
      }
    }
  }
}

/** Some providers number the calls of every answer from one; results and the journal are kept by id. */
function withUniqueIds(response: ModelResponse, used: Set<string>): ModelResponse {
  const malformed: Record<string, Json> = {};
  const parts = response.content?.parts?.map((part) => {
    if (!part.functionCall) return part;
    const given = part.functionCall.id;
    const id = given && !used.has(given) ? given : `call_${randomUUID()}`;
    used.add(id);
    const raw = given === undefined ? undefined : response.malformedCalls?.[given];
    if (raw !== undefined) malformed[id] = raw;
    return given === id ? part : { ...part, functionCall: { ...part.functionCall, id } };
  });
  return {
    ...response,
    ...(parts && { content: { ...response.content, parts } }),
    ...(response.malformedCalls && { malformedCalls: malformed }),
  };
}

function declarations(request: LlmRequest): ModelRequest['tools'] {
  const list = request.config?.tools?.flatMap((tool) =>
    'functionDeclarations' in tool ? (tool.functionDeclarations ?? []) : [],
  );
  return (list ?? []).map(({ name = '', description = '', parametersJsonSchema }) => ({
    name,
    description,
    parameters: (parametersJsonSchema ?? {}) as { readonly [key: string]: Json },
  }));
}

/** What was shown before the failure is kept: a person has read it. */
function errorResponse(error: ModelError, shown: readonly Part[]): LlmResponse {
  const written = shown.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
  // Said, not only reported, so that the model knows in the next turn why its work stops here.
  const text = error.code === 'MODEL_CALL_LIMIT' ? `[${error.message}]` : written;
  const content: Content = { role: 'model', parts: [{ text }] };
  return {
    ...(text.trim() !== '' && { content }),
    errorCode: error.code,
    errorMessage: error.message,
    customMetadata: { details: error.details },
  };
}

function toLlmResponse({ usage, cacheWriteTokens, malformedCalls, finishReason, ...rest }: ModelResponse): LlmResponse {
  return {
    ...rest,
    ...(finishReason && { finishReason: finishReason as NonNullable<LlmResponse['finishReason']> }),
    ...(usage && { usageMetadata: usage }),
    ...(malformedCalls && { customMetadata: { malformedCalls } }),
  };
}

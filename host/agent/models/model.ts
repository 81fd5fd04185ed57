import type { JsonObject, JsonSchema } from '@clay/sdk';
import type { Content, UsageJson } from '../event-json.ts';

/** A language model, or what stands in for one. */
export interface Model {
  readonly provider: 'anthropic' | 'gemini' | 'offline';
  readonly name: string;
  /**
   * Yields partial responses (only when `stream` is set), then exactly one whole one. Throws {@link ModelError};
   * ends without a whole response when the signal is aborted.
   */
  generate(request: ModelRequest): AsyncGenerator<ModelResponse, void, void>;
}

export interface ModelRequest {
  readonly system: string;
  readonly contents: readonly Content[];
  readonly tools: readonly ToolDeclaration[];
  /** `summary`: the answer becomes the memory of a conversation. */
  readonly purpose: 'turn' | 'summary' | 'check';
  readonly stream: boolean;
  /** Default: the model's own. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal;
  /** Hears what an answer has cost that broke off: the provider asks for it all the same. */
  readonly onLost?: (answer: SpentAnswer) => void;
}

export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

/** What the provider has counted. */
export type SpentAnswer = Pick<ModelResponse, 'usage' | 'cacheWriteTokens'>;

export interface ModelResponse {
  readonly content?: Content;
  readonly partial?: boolean;
  readonly finishReason?: FinishReason;
  readonly usage?: UsageJson;
  /** Tokens written to the provider's prompt cache; a part of `promptTokenCount`. */
  readonly cacheWriteTokens?: number;
  readonly modelVersion?: string;
  /** Raw arguments of calls that were no JSON object, by call id: such a call is answered with an error. */
  readonly malformedCalls?: JsonObject;
}

export type FinishReason = 'STOP' | 'MAX_TOKENS' | 'SAFETY' | 'OTHER';

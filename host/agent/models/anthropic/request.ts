import type { MessageCreateParamsStreaming, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { ModelRequest, ToolDeclaration } from '../model.ts';
import type { Message } from './blocks.ts';
import { toInputSchema } from './input-schema.ts';
import { toMessages } from './messages.ts';
import { cacheMark, markMessages } from './prompt-cache.ts';

export interface RequestOptions {
  readonly model: string;
  readonly maxTokens: number;
  readonly thinkingTokens: number;
  /** Host of the endpoint: thinking blocks signed elsewhere stay out. */
  readonly origin: string;
  readonly usesPromptCache: boolean;
  /** False once the backend has refused a signature: then no thinking block is replayed. */
  readonly replaysThinking: boolean;
}

export function toMessagesRequest(request: ModelRequest, options: RequestOptions): MessageCreateParamsStreaming {
  const messages = toMessages(request.contents, options.replaysThinking ? options.origin : '');
  if (options.usesPromptCache) markMessages(messages);
  const maxTokens = request.maxTokens ?? options.maxTokens;
  const params: MessageCreateParamsStreaming = { model: options.model, max_tokens: maxTokens, messages, stream: true };
  if (request.system.trim() !== '') {
    params.system = [{ type: 'text', text: request.system, ...(options.usesPromptCache && cacheMark) }];
  }
  if (request.tools.length > 0) params.tools = toTools(request.tools, options.usesPromptCache);
  const budget = Math.min(options.thinkingTokens, maxTokens - 1024);
  if (budget >= 1024 && request.purpose === 'turn' && canThink(messages)) {
    params.thinking = { type: 'enabled', budget_tokens: budget };
  }
  return params;
}

function toTools(tools: readonly ToolDeclaration[], isMarked: boolean): Tool[] {
  return tools.map((tool, index) => ({
    name: tool.name,
    description: tool.description,
    input_schema: toInputSchema(tool.parameters) as Tool['input_schema'],
    ...(isMarked && index === tools.length - 1 && cacheMark),
  }));
}

/**
 * In the middle of a tool loop the API wants the loop's first assistant message to begin with a thinking block when thinking
 * is on. A loop that began without one (another provider, another model) must end without.
 */
function canThink(messages: readonly Message[]): boolean {
  const last = messages.at(-1);
  if (!last?.content.some((block) => block.type === 'tool_result')) return true;
  const first = messages.findLast((message) => message.role === 'assistant')?.content[0];
  return first?.type === 'thinking' || first?.type === 'redacted_thinking';
}

import type { Json, JsonObject } from '@clay/sdk';

/** What one line of the program's stream tells, as far as somebody here wants to know. */
export type Step =
  | { readonly type: 'began'; readonly session: string }
  | { readonly type: 'retry'; readonly attempt: number; readonly maxRetries: number; readonly status: string }
  /** A piece of what is being written; `message` is the answer that it belongs to. */
  | { readonly type: 'text' | 'thought'; readonly message: string; readonly text: string }
  /** The same text again, whole. */
  | { readonly type: 'whole_text'; readonly message: string; readonly text: string }
  | { readonly type: 'usage'; readonly message: string; readonly tokens: StatedTokens }
  | { readonly type: 'tool_call'; readonly id: string; readonly name: string; readonly args: JsonObject }
  | { readonly type: 'tool_result'; readonly id: string; readonly text: string; readonly isError: boolean }
  | RunResult;

/** What counts against the bound: tokens read from a cache cost a tenth, and come again with every step. */
export interface StatedTokens {
  readonly input: number;
  readonly output: number;
}

/** The last line of a run. */
export interface RunResult {
  readonly type: 'result';
  readonly subtype: string;
  readonly isError: boolean;
  readonly text: string;
  readonly errors: readonly string[];
  /** `completed`, `max_turns`, `api_error`; empty when not told. */
  readonly terminalReason: string;
  readonly turns: number;
  /** By the program's own reckoning, which knows the prices of its maker's models only. */
  readonly costUsd: number;
  readonly denials: readonly { readonly tool: string; readonly input: JsonObject }[];
}

/** Reads a line; null for one that is no event at all. Events that nobody wants give nothing. */
export function readSteps(line: string): readonly Step[] | null {
  const event = parse(line);
  if (event === null || typeof event.type !== 'string') return null;
  // What agents within the program say is its own affair; their tools are not.
  const isInner = typeof event.parent_tool_use_id === 'string';
  switch (event.type) {
    case 'system':
      return systemSteps(event);
    case 'stream_event':
      return isInner ? [] : streamSteps(objectOf(event.event), textOf(event.api_message_id));
    case 'assistant':
      return blocksOf(event).flatMap((block) => assistantSteps(block, textOf(objectOf(event.message).id), isInner));
    case 'user':
      return blocksOf(event).flatMap(userSteps);
    case 'result':
      return [resultOf(event)];
    default:
      return [];
  }
}

function systemSteps(event: JsonObject): readonly Step[] {
  if (event.subtype === 'init') return [{ type: 'began', session: textOf(event.session_id) }];
  if (event.subtype !== 'api_retry') return [];
  const status = textOf(event.error) || String(event.error_status ?? 'unknown');
  return [{ type: 'retry', attempt: numberOf(event.attempt), maxRetries: numberOf(event.max_retries), status }];
}

function streamSteps(event: JsonObject, message: string): readonly Step[] {
  const delta = objectOf(event.delta);
  switch (event.type) {
    case 'message_start': {
      const { id, usage } = objectOf(event.message);
      return [{ type: 'usage', message: textOf(id), tokens: tokensOf(objectOf(usage)) }];
    }
    case 'message_delta':
      return [{ type: 'usage', message, tokens: tokensOf(objectOf(event.usage)) }];
    case 'content_block_delta':
      if (delta.type === 'text_delta') return [{ type: 'text', message, text: textOf(delta.text) }];
      if (delta.type === 'thinking_delta') return [{ type: 'thought', message, text: textOf(delta.thinking) }];
      return [];
    default:
      return [];
  }
}

function assistantSteps(block: JsonObject, message: string, isInner: boolean): readonly Step[] {
  if (block.type === 'text') return isInner ? [] : [{ type: 'whole_text', message, text: textOf(block.text) }];
  if (block.type !== 'tool_use') return [];
  return [{ type: 'tool_call', id: textOf(block.id), name: textOf(block.name), args: objectOf(block.input) }];
}

function userSteps(block: JsonObject): readonly Step[] {
  if (block.type !== 'tool_result') return [];
  const { tool_use_id: id, content, is_error: isError } = block;
  return [{ type: 'tool_result', id: textOf(id), text: contentText(content), isError: isError === true }];
}

function resultOf(event: JsonObject): RunResult {
  return {
    type: 'result',
    subtype: textOf(event.subtype),
    isError: event.is_error === true,
    text: textOf(event.result),
    errors: arrayOf(event.errors).map(String),
    terminalReason: textOf(event.terminal_reason),
    turns: numberOf(event.num_turns),
    costUsd: numberOf(event.total_cost_usd),
    denials: arrayOf(event.permission_denials)
      .map(objectOf)
      .map(({ tool_name: tool, tool_input: input }) => ({ tool: textOf(tool), input: objectOf(input) })),
  };
}

function tokensOf(usage: JsonObject): StatedTokens {
  const { input_tokens: input, output_tokens: output, cache_creation_input_tokens: written } = usage;
  return { input: numberOf(input) + numberOf(written), output: numberOf(output) };
}

function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return arrayOf(content)
    .map(objectOf)
    .map((block) => (block.type === 'text' ? textOf(block.text) : `[${textOf(block.type)}]`))
    .join('\n');
}

function blocksOf(event: JsonObject): readonly JsonObject[] {
  const { content } = objectOf(event.message);
  return typeof content === 'string' ? [{ type: 'text', text: content }] : arrayOf(content).map(objectOf);
}

function parse(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function arrayOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

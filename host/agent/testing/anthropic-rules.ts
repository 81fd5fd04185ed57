export interface AnthropicRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly stream?: boolean;
  readonly system?: string | readonly AnthropicBlock[];
  readonly messages: readonly AnthropicMessage[];
  readonly tools?: readonly AnthropicTool[];
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number };
  readonly temperature?: number;
  readonly top_p?: number;
}

export interface AnthropicMessage {
  readonly role: string;
  readonly content: string | readonly AnthropicBlock[];
}

export interface AnthropicBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface AnthropicTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: Readonly<Record<string, unknown>>;
  readonly cache_control?: unknown;
}

const idPattern = /^[a-zA-Z0-9_-]+$/;
const namePattern = /^[a-zA-Z0-9_-]{1,128}$/;

/** What the Messages API would refuse in this request, in its own manner of speaking; empty when nothing. */
export function checkRequest(request: AnthropicRequest): string[] {
  return [...checkTop(request), ...checkTools(request), ...checkMessages(request), ...checkThinking(request)];
}

function* checkTop(request: AnthropicRequest): Generator<string> {
  if (!request.model) yield 'model: Field required';
  if (!(request.max_tokens >= 1)) yield 'max_tokens: Field required';
  if (request.temperature !== undefined && request.top_p !== undefined) {
    yield '`temperature` and `top_p` cannot both be specified for this model';
  }
  if (Array.isArray(request.system)) {
    for (const block of request.system as readonly AnthropicBlock[]) {
      if (block.type !== 'text' || isBlank(block.text)) yield 'system: text content blocks must be non-empty';
    }
  }
  const marks = JSON.stringify(request).split('"cache_control"').length - 1;
  if (marks > 4) yield `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`;
}

function* checkTools({ tools = [] }: AnthropicRequest): Generator<string> {
  const names = new Set<string>();
  for (const [index, { name, input_schema: schema }] of tools.entries()) {
    if (!namePattern.test(name)) yield `tools.${index}.name: String should match pattern '${namePattern.source}'`;
    if (names.has(name)) yield 'tools: Tool names must be unique.';
    names.add(name);
    if (schema?.type !== 'object') yield `tools.${index}.input_schema.type: Input should be 'object'`;
    if (schema?.oneOf || schema?.allOf || schema?.anyOf) {
      yield `tools.${index}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
    }
  }
}

function* checkMessages({ messages, tools }: AnthropicRequest): Generator<string> {
  if (messages.length === 0) yield 'messages: at least one message is required';
  if (messages[0] && messages[0].role !== 'user') yield 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role === 'assistant') yield 'messages: this model does not support assistant message prefill';
  const ids = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const at = `messages.${index}`;
    const blocks = blocksOf(message);
    if (message.role !== 'user' && message.role !== 'assistant') yield `${at}.role: unexpected role "${message.role}"`;
    if (messages[index - 1]?.role === message.role) yield `${at}: roles must alternate`;
    if (blocks.length === 0) yield `${at}: all messages must have non-empty content`;
    for (const [blockIndex, block] of blocks.entries()) {
      yield* checkBlock(block, message.role, `${at}.content.${blockIndex}`);
      if (block.type !== 'tool_use') continue;
      if (ids.has(String(block.id))) yield `${at}: \`tool_use\` ids must be unique`;
      ids.add(String(block.id));
      if (!tools) yield `${at}: tool_use blocks need tools to be defined`;
    }
    yield* checkPairs(blocks, blocksOf(messages[index + 1]), blocksOf(messages[index - 1]), index);
  }
}

function* checkBlock(block: AnthropicBlock, role: string, at: string): Generator<string> {
  const belongsTo: Readonly<Record<string, string>> = {
    tool_use: 'assistant',
    thinking: 'assistant',
    redacted_thinking: 'assistant',
    tool_result: 'user',
    image: 'user',
    document: 'user',
  };
  const owner = belongsTo[block.type];
  if (owner && owner !== role) yield `${at}: \`${block.type}\` blocks can only be in ${owner} messages`;
  if (!owner && block.type !== 'text') yield `${at}: Input tag '${block.type}' found`;
  if (block.type === 'text' && isBlank(block.text)) yield `${at}: text content blocks must contain non-whitespace text`;
  if (block.type === 'tool_use') {
    if (!idPattern.test(String(block.id ?? ''))) yield `${at}.id: String should match pattern '${idPattern.source}'`;
    if (!namePattern.test(String(block.name ?? ''))) yield `${at}.name: String should match pattern`;
    if (typeof block.input !== 'object' || block.input === null) yield `${at}.input: Field required`;
  }
  if (block.type === 'thinking' && !block.signature) yield `${at}.signature: Field required`;
  if (String(block.type).includes('thinking') && block.cache_control) {
    yield `${at}: thinking blocks cannot carry cache_control`;
  }
}

function* checkPairs(
  blocks: readonly AnthropicBlock[],
  next: readonly AnthropicBlock[],
  previous: readonly AnthropicBlock[],
  index: number,
): Generator<string> {
  const calls = idsOf(blocks, 'tool_use', 'id');
  const answered = idsOf(next, 'tool_result', 'tool_use_id');
  const missing = calls.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    yield `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}`;
  }
  const results = idsOf(blocks, 'tool_result', 'tool_use_id');
  const called = idsOf(previous, 'tool_use', 'id');
  for (const id of results) {
    if (!called.includes(id))
      yield `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}`;
  }
  if (new Set(results).size < results.length) yield `messages.${index}: each tool_use must have a single result`;
  const firstOther = blocks.findIndex((block) => block.type !== 'tool_result');
  if (firstOther >= 0 && blocks.slice(firstOther).some((block) => block.type === 'tool_result')) {
    yield `messages.${index}: tool_result blocks must come first`;
  }
}

function* checkThinking({ thinking, max_tokens: maxTokens, messages }: AnthropicRequest): Generator<string> {
  if (thinking?.type !== 'enabled') return;
  const budget = thinking.budget_tokens ?? 0;
  if (budget < 1024) yield 'thinking.budget_tokens: Input should be greater than or equal to 1024';
  if (budget >= maxTokens) yield '`max_tokens` must be greater than `thinking.budget_tokens`';
  const last = messages.at(-1);
  if (!blocksOf(last).some((block) => block.type === 'tool_result')) return;
  const assistant = messages.findLast((message) => message.role === 'assistant');
  if (!String(blocksOf(assistant)[0]?.type).includes('thinking')) {
    yield 'Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block';
  }
}

function blocksOf(message: AnthropicMessage | undefined): readonly AnthropicBlock[] {
  if (!message) return [];
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}

function idsOf(blocks: readonly AnthropicBlock[], type: string, field: string): string[] {
  return blocks.filter((block) => block.type === type).map((block) => String(block[field]));
}

function isBlank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === '';
}

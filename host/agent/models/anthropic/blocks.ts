import type { ContentBlockParam as SdkBlock } from '@anthropic-ai/sdk/resources/messages';
import type { Content, FunctionCall, FunctionResponse, Part } from '../../event-json.ts';
import { parseThoughtSignature } from './signature.ts';

export type Block = SdkBlock;
export type Message = { role: 'user' | 'assistant'; content: Block[] };
export type ToolResultBlock = Extract<Block, { type: 'tool_result' }>;

const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

/** The blocks of one content. Ids may still be empty or unfit; {@link repairMessages} mends them. */
export function toBlocks(content: Content, origin: string): Block[] {
  const isModel = content.role === 'model';
  return (content.parts ?? []).flatMap((part) => (isModel ? modelBlock(part, origin) : userBlock(part)) ?? []);
}

function modelBlock(part: Part, origin: string): Block | undefined {
  if (part.thought) return thinkingBlock(part, origin);
  if (part.functionCall) return toolUse(part.functionCall);
  return textBlock(part.text);
}

function userBlock(part: Part): Block | undefined {
  // Thoughts of another agent are nobody's business here.
  if (part.thought) return undefined;
  if (part.functionResponse) return toolResult(part.functionResponse);
  if (part.inlineData) return mediaBlock(part.inlineData);
  if (part.fileData) return textBlock(`[file: ${part.fileData.displayName ?? part.fileData.fileUri ?? 'unnamed'}]`);
  return textBlock(part.text);
}

/** The API refuses empty and blank text blocks. */
function textBlock(text: string | undefined): Block | undefined {
  return text === undefined || text.trim() === '' ? undefined : { type: 'text', text };
}

function thinkingBlock(part: Part, origin: string): Block | undefined {
  const thought = parseThoughtSignature(part.thoughtSignature);
  if (!thought || thought.origin !== origin) return undefined;
  return thought.kind === 'redacted'
    ? { type: 'redacted_thinking', data: thought.data }
    : { type: 'thinking', thinking: part.text ?? '', signature: thought.signature };
}

function toolUse(call: FunctionCall): Block {
  return { type: 'tool_use', id: call.id ?? '', name: call.name || 'unnamed', input: call.args ?? {} };
}

function toolResult({ id, response = {} }: FunctionResponse): Block {
  const only = Object.keys(response).length === 1 ? response.result : undefined;
  const content = typeof only === 'string' ? only : JSON.stringify(response);
  const block: ToolResultBlock = { type: 'tool_result', tool_use_id: id ?? '', content };
  if (typeof response.error === 'string' && typeof response.code === 'string') block.is_error = true;
  return block;
}

function mediaBlock({ mimeType = '', data = '', displayName }: NonNullable<Part['inlineData']>): Block | undefined {
  const imageType = imageTypes.find((type) => type === mimeType);
  if (imageType) return { type: 'image', source: { type: 'base64', media_type: imageType, data } };
  if (mimeType === 'application/pdf') {
    return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } };
  }
  if (mimeType.startsWith('text/')) return textBlock(Buffer.from(data, 'base64').toString('utf8'));
  return textBlock(`[attachment that cannot be shown: ${displayName ?? 'unnamed'}, ${mimeType || 'unknown type'}]`);
}

import type { CacheControlEphemeral } from '@anthropic-ai/sdk/resources/messages';
import type { Block, Message } from './blocks.ts';

export const cacheMark: { readonly cache_control: CacheControlEphemeral } = { cache_control: { type: 'ephemeral' } };

/**
 * Marks where the provider may end a cached prefix: behind what came before the person's last message (it comes back
 * unchanged in the next turn, whatever rode behind that message) and at the very end (for the next step of this turn).
 */
export function markMessages(messages: Message[]): void {
  const lastAsked = messages.findLastIndex(
    (message) => message.role === 'user' && message.content.every((block) => block.type !== 'tool_result'),
  );
  const ends = new Set([lastAsked - 1, messages.length - 1]);
  for (const index of ends) {
    const message = messages[index];
    if (message) messages[index] = { role: message.role, content: markLast(message.content) };
  }
}

function markLast(blocks: readonly Block[]): Block[] {
  const last = blocks.findLastIndex((block) => block.type !== 'thinking' && block.type !== 'redacted_thinking');
  return blocks.map((block, index) => (index === last ? ({ ...block, ...cacheMark } as Block) : block));
}

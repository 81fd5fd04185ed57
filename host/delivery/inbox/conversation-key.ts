import type { IncomingMessage } from './incoming-message.ts';

/** `channel:chat:user`; in a group `channel:chat`, as its members share one conversation. */
export function conversationKey({ channel, chat, user, isGroup }: Omit<IncomingMessage, 'text'>): string {
  const parts = isGroup ? [channel, chat] : [channel, chat, user];
  return parts.map(withoutColons).join(':');
}

/** Ids of some chat services have colons: no two conversations may share a key. */
function withoutColons(part: string): string {
  return part.replace(/[%:]/g, encodeURIComponent);
}

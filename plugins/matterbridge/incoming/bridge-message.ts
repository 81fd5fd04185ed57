import { z } from 'zod';

const file = z.object({
  Name: z.string().catch(''),
  Data: z.string().nullish().catch(null),
  Comment: z.string().catch(''),
  Size: z.number().catch(0),
});

const files = z.array(file).catch([]);

const text = z.string().catch('');

/** One line of the stream. `id` is always empty, so a message has no identity but its content and time. */
const form = z.object({
  text,
  channel: text,
  username: text,
  userid: text,
  account: text,
  event: text,
  protocol: text,
  gateway: text,
  timestamp: text,
  Extra: z.object({ file: files.optional(), file_failure_size: files.optional() }).nullish().catch(null),
});

export type BridgeMessage = z.infer<typeof form>;
export type BridgeFile = z.infer<typeof file>;

/** Null for a line that is no message. */
export function parseBridgeMessage(line: string): BridgeMessage | null {
  try {
    return form.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/**
 * A chat as the claw knows it: the gateway that reaches it, its protocol and its channel. A gateway's name has no "/",
 * a channel (`chat/topic`) may.
 */
export interface BridgeChat {
  readonly gateway: string;
  readonly protocol: string;
  readonly channel: string;
}

export function chatOf({ gateway, protocol, channel }: BridgeMessage): string {
  return `${gateway}/${protocol}/${channel}`;
}

/** Null when the text is no {@link chatOf}. */
export function parseChat(chat: string): BridgeChat | null {
  const [, gateway, protocol, channel] = /^([^/]+)\/([^/]*)\/(.*)$/s.exec(chat) ?? [];
  if (gateway === undefined || protocol === undefined || channel === undefined) return null;
  return { gateway, protocol, channel };
}

/** Telegram's private chats have the number of the person in them. Of other protocols nobody can tell. */
export function isGroup({ protocol, channel, userid }: BridgeMessage): boolean {
  return protocol !== 'telegram' || channel !== userid;
}

import type { JsonObject } from '@clay/sdk';

/** Who says something in the fake. */
export interface FakePerson {
  readonly id: number;
  readonly first_name: string;
  readonly username?: string;
}

/** What a person does; the fake makes an update of it. */
export interface FakeSaying {
  readonly from: FakePerson;
  /** Default: the private chat with the person. A group's id is negative. */
  readonly chat?: number;
  readonly text?: string;
  /** Further members of the message, such as `photo`, `document` or `reply_to_message`. */
  readonly more?: JsonObject;
  /** Default `message`. */
  readonly kind?: 'message' | 'edited_message';
}

export function toMessage(saying: FakeSaying, messageId: number): JsonObject {
  const { from, chat = from.id, text, more = {} } = saying;
  const place =
    chat < 0
      ? { id: chat, type: 'supergroup', title: 'Group' }
      : { id: chat, type: 'private', first_name: from.first_name };
  return {
    message_id: messageId,
    date: Math.floor(Date.now() / 1000),
    from: { is_bot: false, ...from },
    chat: place,
    ...(text === undefined ? {} : { text }),
    ...more,
  };
}

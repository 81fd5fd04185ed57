/** A way to one person or one group, and the session that it is in now. */
export interface Conversation {
  /** `channel:chat:user`, or `channel:chat` of a group; also the user of its sessions. */
  readonly key: string;
  readonly channel: string;
  readonly chat: string;
  /** Who wrote last. */
  readonly user: string;
  readonly isGroup: boolean;
  readonly session: string;
  /** Milliseconds since the epoch. */
  readonly heardAt: number;
}

export interface ConversationFilter {
  readonly channel?: string | undefined;
  readonly chat?: string | undefined;
  readonly user?: string | undefined;
  readonly isGroup?: boolean | undefined;
}

/** Who the claw talks with. Kept, so that a restart begins no new conversation. */
export interface ConversationStore {
  get(key: string): Conversation | undefined;
  /** The one that was heard last among those that fit. */
  newest(filter: ConversationFilter): Conversation | undefined;
  /** Adds it, or replaces the one with its key. */
  put(conversation: Conversation): void;
}

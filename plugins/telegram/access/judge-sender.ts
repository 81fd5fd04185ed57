/** Who wrote, and where. Ids, never names: anybody can be called anything. */
export interface Sender {
  readonly user: string;
  readonly chat: string;
  readonly isGroup: boolean;
}

/** Whom the operator has named, and who has shown a pairing code. */
export interface KnownPeople {
  readonly chatId: string | null;
  readonly users: readonly string[];
  readonly paired: readonly string[];
}

/** In a group only those who were named; else whoever was, or with nobody named whoever is in the configured chat. */
export function isKnown({ user, chat, isGroup }: Sender, { chatId, users, paired }: KnownPeople): boolean {
  if (users.includes(user) || paired.includes(user)) return true;
  return !isGroup && users.length === 0 && chat === chatId;
}

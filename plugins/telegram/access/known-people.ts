import type { Pairing } from '@clay/sdk';
import type { TelegramSection } from '../config.ts';

/** Who wrote, and where. Ids, never names: anybody can be called anything. */
export interface Sender {
  readonly user: string;
  readonly chat: string;
  readonly isGroup: boolean;
}

/** Whom the operator has named, and who has shown a pairing code. */
interface KnownPeople {
  readonly chatId: string | null;
  readonly users: readonly string[];
  readonly paired: readonly string[];
}

/** In a group only those who were named; else whoever was, or with nobody named whoever is in the configured chat. */
function isNamed({ user, chat, isGroup }: Sender, { chatId, users, paired }: KnownPeople): boolean {
  if (users.includes(user) || paired.includes(user)) return true;
  return !isGroup && users.length === 0 && chat === chatId;
}

/** Whether somebody may talk to the claw. */
export type KnownCheck = (sender: Sender) => Promise<boolean>;

export function createKnownCheck({ telegram }: TelegramSection, pairing: Pairing): KnownCheck {
  const { chatId = null, allowedUsers: users = [] } = telegram ?? {};
  return async (sender) => isNamed(sender, { chatId, users, paired: await pairing.paired() });
}

import { type BridgeMessage, isGroup } from './bridge-message.ts';

export interface AllowedPeople {
  /** Telegram's user ids. None: whoever is in the private chat that was configured. */
  readonly telegram: readonly string[];
  /** `protocol:user id` or `protocol:*`. */
  readonly users: readonly string[];
  /** `protocol:user id` of those who have shown a code. */
  readonly paired: readonly string[];
}

/** By id, never by name: anybody can be called anything. In a group only those count who were named. */
export function isAllowed(message: BridgeMessage, { telegram, users, paired }: AllowedPeople): boolean {
  const { protocol, userid } = message;
  if (userid !== '' && [...users, ...paired].includes(`${protocol}:${userid}`)) return true;
  if (users.includes(`${protocol}:*`)) return true;
  if (protocol !== 'telegram') return false;
  if (telegram.length > 0) return telegram.includes(userid);
  return !isGroup(message);
}

import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { MatterbridgeConfig } from '../config.ts';
import { bridgeToml, telegramChat } from './bridge-toml.ts';
import { checkOwnBridges } from './own-bridges.ts';

/** What there is to do with a configuration. */
export type Plan =
  | { readonly kind: 'nothing'; readonly reason: string }
  /** Somebody else runs matterbridge. */
  | { readonly kind: 'connect'; readonly url: string; readonly token: string | null }
  | {
      readonly kind: 'run';
      readonly url: string;
      readonly toml: string;
      readonly telegramToken: string | null;
      readonly mainChat: string | null;
      readonly environment: Readonly<Record<string, string>>;
    };

/** Throws `BAD_ARGUMENTS` for a file of the operator's that cannot be merged. */
export function makePlan(config: MatterbridgeConfig, root: string, paired: readonly string[] = []): Plan {
  const { telegram, url, port, token } = config;
  if (url !== null) return { kind: 'connect', url, token };
  const file = isAbsolute(config.file) ? config.file : join(root, config.file);
  const telegramChats = chatsOf(telegram, paired);
  const hasTelegram = telegramChats.length > 0;
  const own = existsSync(file) ? checkOwnBridges(readFileSync(file, 'utf8'), file, hasTelegram) : null;
  if (!hasTelegram && own === null) {
    const reason =
      telegram?.token != null && telegram.connector === 'matterbridge'
        ? 'Matterbridge reaches only chats that are named: set TELEGRAM_CHAT_ID or TELEGRAM_ALLOWED_USERS beside TELEGRAM_BOT, or CHAT_CONNECTOR=telegram, which lets people in by a code.'
        : '';
    return { kind: 'nothing', reason };
  }
  const ours = bridgeToml({ port, telegramChats, hasGeneral: own?.hasGeneral ?? false });
  return {
    kind: 'run',
    url: `http://127.0.0.1:${port}`,
    toml: own === null ? ours : `${ours}\n# ${file}\n${own.text}`,
    telegramToken: hasTelegram ? (telegram?.token ?? null) : null,
    mainChat: hasTelegram && telegram?.chatId != null ? telegramChat(telegram.chatId) : null,
    environment: own?.environment ?? {},
  };
}

/** The chat that was configured, and the private chats of all who are allowed or paired: their numbers are the persons’. */
function chatsOf(telegram: MatterbridgeConfig['telegram'], paired: readonly string[]): readonly string[] {
  if (telegram === null || telegram.token === null || telegram.connector !== 'matterbridge') return [];
  const own = telegram.chatId === null ? [] : [telegram.chatId];
  const pairedHere = paired.flatMap((user) => /^telegram:(.+)$/.exec(user)?.[1] ?? []);
  const people = [...telegram.allowedUsers, ...pairedHere].filter((user) => /^\d+$/.test(user));
  return [...new Set([...own, ...people])];
}

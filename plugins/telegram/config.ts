import { z } from 'zod';

/** The plugin's section of `clay.json`. The host sets `telegram` from `TELEGRAM_BOT`, `TELEGRAM_CHAT_ID` and the like. */
export const telegramConfig = z.object({
  telegram: z
    .object({
      token: z.string().min(1).nullable().default(null),
      chatId: z.string().nullable().default(null),
      allowedUsers: z.array(z.string()).default([]),
      connector: z.enum(['matterbridge', 'telegram']).default('telegram'),
    })
    .nullable()
    .default(null),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.telegram.org')
    .describe('A Bot API server of your own.'),
  publicUrl: z
    .url({ protocol: /^https$/ })
    .nullable()
    .default(null)
    .describe(
      'Address of the claw as Telegram reaches it, such as "https://claw.example.org", with port 443, 80, 88 or 8443. Set: Telegram brings messages by a webhook below it; unset: the claw asks for them.',
    ),
  attachmentBytes: z
    .int()
    .min(1000)
    .max(6_000_000)
    .default(6_000_000)
    .describe('Largest file that is taken from a chat, in bytes; more does not fit into a call to the host.'),
  pollSeconds: z.int().min(1).max(50).default(30).describe('How long a request for news waits for some.'),
});

export type TelegramSection = z.infer<typeof telegramConfig>;

import { z } from 'zod';

/** The plugin's section of `clay.json`. The host sets `telegram` from `TELEGRAM_BOT`, `TELEGRAM_CHAT_ID` and the like. */
export const matterbridgeConfig = z.object({
  telegram: z
    .object({
      token: z.string().min(1).nullable().default(null),
      chatId: z.string().min(1).nullable().default(null),
      allowedUsers: z.array(z.string()).default([]),
      connector: z.enum(['matterbridge', 'telegram']).default('matterbridge'),
    })
    .nullable()
    .default(null),
  users: z
    .array(z.string().regex(/^[a-z]+:.+$/, 'must be "protocol:user id", such as "irc:~ada@example.org" or "irc:*"'))
    .default([])
    .describe('Who may talk to the claw beside the Telegram users: "protocol:user id", or "protocol:*" for everybody.'),
  file: z
    .string()
    .min(1)
    .default('matterbridge.toml')
    .describe('Bridges and gateways of your own, absolute or below CLAY_ROOT; appended to the generated file.'),
  port: z.int().min(1).max(65_535).default(4242).describe('Loopback port of matterbridge’s API.'),
  url: z
    .url({ protocol: /^http$/ })
    .nullable()
    .default(null)
    .describe(
      'API of a matterbridge that runs elsewhere. Unset: one is run beside the claw when there is anything to bridge.',
    ),
  token: z.string().min(1).nullable().default(null).describe('Token of the API at "url".'),
  attachmentBytes: z
    .int()
    .min(1000)
    .max(6_000_000)
    .default(6_000_000)
    .describe('Most that is taken of the files of one message, in bytes; more does not fit into a call to the host.'),
});

export type MatterbridgeConfig = z.infer<typeof matterbridgeConfig>;

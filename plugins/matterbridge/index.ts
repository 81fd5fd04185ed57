import { ClayError, definePlugin, Pairing } from '@clay/sdk';
import { renderTelegram } from '@clay/sdk/telegram';
import { z } from 'zod';
import { Bridge } from './bridge.ts';
import { type MatterbridgeConfig, matterbridgeConfig } from './config.ts';
import type { Sender } from './outgoing/sender.ts';
import { SentFiles } from './outgoing/sent-files.ts';
import { fileParameters, sendTelegramFile } from './outgoing/telegram-file.ts';

export default definePlugin({
  name: 'matterbridge',
  config: matterbridgeConfig,
  setup(ctx) {
    const pairing = new Pairing(ctx.store, ctx.clock);
    const sentFiles = new SentFiles(ctx.store);
    let bridge: Bridge | null = null;
    const sender = (): Sender => {
      if (bridge?.sender) return bridge.sender;
      throw new ClayError(
        'UNAVAILABLE',
        'Matterbridge is not connected. Its state is in the log, under "matterbridge".',
      );
    };

    ctx.lease({
      name: 'matterbridge:stream',
      onGrant(signal) {
        bridge = new Bridge(ctx, pairing);
        const ended = bridge.run(signal);
        return () => ended;
      },
    });

    ctx.channel({
      name: 'matterbridge',
      async deliver({ to, text, format, key }, { signal }) {
        await sender().send(to, { text, format }, key, signal);
        return {};
      },
    });

    if (canPair(ctx.config))
      ctx.command({
        name: isDirect(ctx.config) ? 'pair-bridge' : 'pair',
        description: 'a code with which somebody else may talk to me by Matterbridge',
        run: () =>
          `Send me this code from the account that is to be let in, in a chat that I am in: ${pairing.issue()}\nIt works once, within 15 minutes.`,
      });

    ctx.service({
      name: 'matterbridge',
      methods: {
        render: {
          description: 'Markdown as the parts of one answer: `{parts: [{text, format}]}`.',
          parameters: z.object({ text: z.string() }),
          idempotent: true,
          run: ({ text }) => ({ parts: renderTelegram(text) }),
        },
        file: {
          description: 'Sends a file into a chat, with a caption of at most 1,024 characters: `{id}`.',
          parameters: fileParameters,
          run: async (args, { signal }) => {
            const known = args.key === undefined ? null : await sentFiles.get(args.key);
            if (known !== null) return { id: known };
            const sent = await sendTelegramFile(ctx.http, ctx.config.telegram?.token ?? null, args, signal);
            if (args.key !== undefined) await sentFiles.add(args.key, sent.id);
            return sent;
          },
        },
      },
    });
  },
});

/** The direct connector has a command of the same name where it serves the bot. */
function isDirect({ telegram }: MatterbridgeConfig): boolean {
  return telegram?.connector === 'telegram' && telegram.token !== null;
}

/** Where nothing is configured, nobody could be let in. Bridges of the operator's own alone show a code in the log. */
function canPair({ url, users, telegram }: MatterbridgeConfig): boolean {
  return url !== null || users.length > 0 || (telegram?.connector === 'matterbridge' && telegram.token !== null);
}

import { ClayError, definePlugin } from '@clay/sdk';
import { renderTelegram } from '@clay/sdk/telegram';
import { z } from 'zod';
import { Bridge } from './bridge.ts';
import { matterbridgeConfig } from './config.ts';
import type { Sender } from './outgoing/sender.ts';

const fileParameters = z.strictObject({
  to: z.string().min(1).describe('The chat, as its messages name it.'),
  name: z.string().min(1),
  base64: z.base64(),
  caption: z.string().max(1024).default(''),
});

export default definePlugin({
  name: 'matterbridge',
  config: matterbridgeConfig,
  setup(ctx) {
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
        bridge = new Bridge(ctx);
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
          description: 'Sends a file to a chat, with a caption of at most 1,024 characters.',
          parameters: fileParameters,
          run: async (args, { signal }) => {
            await sender().sendFile(args, signal);
            return { sent: true };
          },
        },
      },
    });
  },
});

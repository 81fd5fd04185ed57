import { definePlugin } from '@clay/sdk';
import { renderTelegram } from '@clay/sdk/telegram';
import { z } from 'zod';
import { telegramConfig } from './config.ts';
import { messageMigrations } from './outgoing/message-table.ts';
import { questionMigrations } from './questions/question-table.ts';

export default definePlugin({
  name: 'telegram',
  config: telegramConfig,
  async setup(ctx) {
    ctx.store.migrations([...messageMigrations, ...questionMigrations]);
    const token = ctx.config.telegram?.connector === 'telegram' ? ctx.config.telegram.token : null;
    // A claw without a bot does not load what speaks to Telegram.
    const methods = token === null ? {} : (await import('./connect.ts')).connect(ctx, token);
    ctx.service({
      name: 'telegram',
      methods: {
        render: {
          description: 'Markdown as messages of Telegram: `{parts: [{text, format}]}`, the format `html` or `plain`.',
          parameters: z.strictObject({ text: z.string() }),
          idempotent: true,
          run: ({ text }) => ({ parts: renderTelegram(text).map((part) => ({ ...part })) }),
        },
        ...methods,
      },
    });
  },
});

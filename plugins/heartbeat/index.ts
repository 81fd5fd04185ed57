import { definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { heartbeatConfig } from './config.ts';
import { Heart, heartbeatPrefix, heartbeatUser } from './heart.ts';
import { heartbeatMigrations, Receipts } from './receipts.ts';
import { lastSession } from './surroundings.ts';

const listParameters = z.strictObject({ limit: z.int().min(1).max(1000).default(50) });

export default definePlugin({
  name: 'heartbeat',
  config: heartbeatConfig,
  setup(ctx) {
    ctx.store.migrations(heartbeatMigrations);
    const receipts = new Receipts(ctx.store);

    ctx.lease({
      name: 'heartbeat:clock',
      onGrant(signal) {
        const ended = new Heart(ctx, receipts).beat(signal);
        return () => ended;
      },
    });

    // The tasks and the notes come from the plugins that own them.
    ctx.prompt({
      name: 'last-session',
      placement: 'message',
      order: 70,
      render: ({ user, text }) =>
        user === heartbeatUser && text.startsWith(heartbeatPrefix) ? lastSession(ctx) : null,
    });

    ctx.service({
      name: 'heartbeat',
      methods: {
        receipts: {
          description: 'What became of each heartbeat that was due, the newest first: `{receipts, next}`.',
          parameters: listParameters,
          idempotent: true,
          run: async ({ limit }) => ({ receipts: await receipts.list(limit), next: await receipts.next() }),
        },
      },
    });
  },
});

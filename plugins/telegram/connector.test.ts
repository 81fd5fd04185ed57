import { describe, test } from 'node:test';
import { connectorSentences } from '@clay/sdk/testing';
import { createTelegramWorld } from './testing/telegram-world.ts';

for (const way of ['polling', 'webhook'] as const)
  describe(`as every connector: by the Bot API, with ${way}`, { timeout: 120_000 }, () => {
    for (const { name, run } of connectorSentences)
      test(name, { timeout: 30_000 }, () => run((options) => createTelegramWorld(way, options)));
  });

import { describe, test } from 'node:test';
import { connectorSentences } from '@clay/sdk/testing';
import { createTelegramWorld } from './testing/telegram-world.ts';

describe('as every connector: by the Bot API', { timeout: 60_000 }, () => {
  for (const { name, run } of connectorSentences) test(name, { timeout: 20_000 }, () => run(createTelegramWorld));
});

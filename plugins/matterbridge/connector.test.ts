import { describe, test } from 'node:test';
import { connectorSentences } from '@clay/sdk/testing';
import { createBridgeWorld } from './testing/bridge-world.ts';

describe('as every connector: by an API that behaves as matterbridge’s', { timeout: 60_000 }, () => {
  for (const { name, run } of connectorSentences) test(name, { timeout: 20_000 }, () => run(createBridgeWorld));
});

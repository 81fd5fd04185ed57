import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type AgentFixture, agentFixture, type FixtureOptions } from './agent-fixture.ts';
import { type AnthropicServer, startAnthropicServer } from './anthropic-server.ts';

export interface ProviderFixture extends AgentFixture {
  readonly server: AnthropicServer;
}

/** An agent host that talks to a scripted provider, which must have found nothing to refuse when the test ends. */
export async function providerFixture(t: TestContext, options: FixtureOptions = {}): Promise<ProviderFixture> {
  const server = await startAnthropicServer();
  t.after(() => server.close());
  const fixture = await agentFixture(t, {
    ...options,
    model: {
      provider: 'anthropic',
      apiKey: 'k',
      keyStyle: 'key',
      baseUrl: server.url,
      model: 'glm-5',
      maxTokens: 4096,
      thinkingTokens: 0,
    },
  });
  t.after(() => assert.deepEqual(server.violations, []));
  return { server, ...fixture };
}

import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Json, JsonObject } from '@clay/sdk';
import { createTestHost, type TestHost, type TestHostOptions } from '@clay/sdk/testing';
import mcp from '../index.ts';

export interface McpFixture {
  readonly host: TestHost;
  /** The names of the tools that are offered now. */
  readonly offered: () => readonly string[];
  readonly tool: (name: string) => JsonObject | undefined;
  /** Resolves with the next offer. */
  readonly nextOffer: () => Promise<readonly string[]>;
  /** Questions that were put to a person. */
  readonly asked: readonly JsonObject[];
  /** Uses a tool as the host does, by its offered name. */
  readonly use: (name: string, args?: JsonObject, options?: Parameters<TestHost['call']>[2]) => Promise<string>;
  readonly refreshed: () => Promise<void>;
}

export interface McpOptions extends TestHostOptions {
  /** What a person answers. */
  readonly answer?: Json;
  /** Names of tools that other plugins have. */
  readonly taken?: Readonly<Record<string, string>>;
}

export const oddServer = (mode = ''): JsonObject => ({
  command: process.execPath,
  args: [join(import.meta.dirname, 'odd-server.ts'), mode],
});

/** The plugin on a host in memory, with the neighbours that it needs. */
export async function mcpFixture(t: TestContext, options: McpOptions = {}): Promise<McpFixture> {
  const asked: JsonObject[] = [];
  let tools: readonly JsonObject[] = [];
  let waiting: ((names: readonly string[]) => void)[] = [];
  const started = Promise.withResolvers<TestHost>();
  let refreshing: Promise<unknown> = Promise.resolve();
  const offer = (args: Json): Json => {
    const taken = options.taken ?? {};
    const all = (args as JsonObject).tools as readonly JsonObject[];
    tools = all.filter(({ name }) => !Object.hasOwn(taken, String(name)));
    for (const resolve of waiting) resolve(names());
    waiting = [];
    return {
      taken: all.flatMap(({ name }) =>
        Object.hasOwn(taken, String(name)) ? [{ name: String(name), owner: taken[String(name)]! }] : [],
      ),
    };
  };
  const names = () => tools.map(({ name }) => String(name));
  const host = await createTestHost(mcp, {
    ...options,
    config: { graceMs: 200, shell: 'on', ...options.config },
    provided: {
      'service:tools.offer': offer,
      'service:tools.list': () => [],
      'service:tools.call': () => null,
      'service:mcp.refresh': (_args, signal) => {
        refreshing = started.promise.then((running) =>
          running.call('service:mcp.refresh', {}, { signal, timeoutMs: 60_000 }),
        );
        return refreshing as Promise<Json>;
      },
      'service:chat.ask': (args) => {
        asked.push(args as JsonObject);
        return options.answer ?? { choice: null, reason: 'timeout' };
      },
      ...options.provided,
    },
  });
  started.resolve(host);
  t.after(() => host.stop());
  return {
    host,
    asked,
    offered: names,
    tool: (name) => tools.find((tool) => tool.name === name),
    nextOffer: () => new Promise((resolve) => void waiting.push(resolve)),
    use: async (name, args = {}, more) =>
      (await host.call('service:mcp.run', { tool: name, arguments: args }, { timeoutMs: 60_000, ...more })) as string,
    refreshed: async () => {
      await refreshing;
    },
  };
}

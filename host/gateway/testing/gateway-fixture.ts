import type { Json } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import { loadConfig } from '../../config/load.ts';
import type { Capability } from '../../registry/registry.ts';
import type { CallRequest } from '../../router/router.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import { Metrics } from '../metrics.ts';
import type { GatewayParts } from '../parts.ts';
import { createToken } from '../token.ts';
import { FakeAgentHost } from './fake-agent-host.ts';
import { FakeMedic } from './fake-medic.ts';
import { memoryInbox } from './memory-inbox.ts';

export const testToken = 'a-token-for-tests-only';
export const authorization = `Bearer ${testToken}`;

export interface Fixture {
  readonly gateway: Gateway;
  readonly agentHost: FakeAgentHost;
  readonly parts: GatewayParts;
  /** What the log was told. */
  readonly logged: readonly { readonly event: string; readonly fields: unknown }[];
}

export interface FixtureOptions {
  /** Environment variables. Both ports are 0 unless said here. */
  readonly env?: Readonly<Record<string, string>>;
  readonly routes?: readonly Capability[];
  readonly call?: (request: CallRequest) => Promise<Json>;
  readonly uiFolder?: string;
  readonly parts?: Partial<GatewayParts>;
}

/** A gateway over an agent host, registry and store that live in memory. */
export async function createFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const { config } = loadConfig({
    env: { CLAY_PORT: '0', ADK_PORT: '0', CLAY_ROOT: '/nonexistent/clay', ...options.env },
    defaultRoot: '/nonexistent/clay',
    isTerminal: false,
  });
  const agentHost = new FakeAgentHost();
  const settings = new Map<string, Json>();
  const logged: { event: string; fields: unknown }[] = [];
  const note = (event: string, fields?: unknown) => logged.push({ event, fields });
  const capabilities = options.routes ?? [];
  const nobody = {
    calls: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: 0,
    unpricedCalls: 0,
  };
  const parts: GatewayParts = {
    config,
    version: '1.2.3',
    token: createToken(testToken),
    agentHost,
    registry: {
      version: 1,
      list: (kind) => capabilities.filter((capability) => capability.kind === kind),
      get: (name) => capabilities.find((capability) => capability.fullName === name),
      onChange: () => () => {},
    },
    router: {
      active: 0,
      call: options.call ?? (async () => null),
      // biome-ignore lint/correctness/useYield: this router has nothing to stream
      stream: async function* () {
        return null;
      },
    },
    store: {
      settings: {
        get: (key) => settings.get(key),
        set: (key, value) => void settings.set(key, value),
        delete: (key) => settings.delete(key),
      },
      usage: {
        record: () => {},
        sum: () => nobody,
        sumBy: () => [{ name: 'glm-5', ...nobody, calls: 2, inputTokens: 7 }],
      },
      inbox: memoryInbox(),
      transaction: (work) => work(),
      check: () => {},
      backup: async () => ({ file: '/backups/1.db', sizeBytes: 1, createdAt: 1 }),
    },
    plugins: () => [],
    medic: new FakeMedic(),
    deployer: {
      deploy: async ({ plugin }) => ({ plugin, generation: 1, hash: 'abc', state: 'probation', problem: null }),
      check: async ({ plugin }) => ({ plugin, isGood: true, text: 'No problems.', diagnostics: [] }),
    },
    questions: { open: () => [], answer: () => ({ state: 'unknown', text: 'unknown' }) },
    lanes: () => [],
    metrics: new Metrics(systemClock),
    log: { debug: note, info: note, warn: note, error: note },
    clock: systemClock,
    uiFolder: options.uiFolder ?? '/nonexistent/ui',
    ...options.parts,
  };
  return { gateway: await createGateway(parts), agentHost, parts, logged };
}

/** Headers of a program on this machine. */
export const local = { host: 'localhost:8080' };

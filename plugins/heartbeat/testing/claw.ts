import type { Json, JsonObject } from '@clay/sdk';
import { createTestHost, type FakeClock, type TestHost } from '@clay/sdk/testing';
import heartbeat from '../index.ts';
import manifest from '../plugin.json' with { type: 'json' };
import type { Receipt } from '../receipts.ts';

const { optional, permissions, tables, leases } = manifest;

/** A claw around the heartbeat: its tasks and notes, what its model answers, and what its person hears. */
export interface World {
  tasks: JsonObject[];
  notes: string | null;
  memories: JsonObject[];
  /** Given to the next turns, one after the other; then `HEARTBEAT_OK`. */
  answers: (string | Error)[];
  turns: JsonObject[];
  sent: string[];
  /** Called while a turn runs. */
  onTurn: () => Promise<void>;
}

export function createWorld(): World {
  return { tasks: [], notes: null, memories: [], answers: [], turns: [], sent: [], onTurn: async () => undefined };
}

export async function startHeartbeat(
  world: World,
  options: { readonly config?: JsonObject; readonly clock?: FakeClock; readonly database?: string } = {},
): Promise<TestHost> {
  const { config = {}, clock, database } = options;
  return createTestHost(
    { ...heartbeat, optional, permissions, tables, leases },
    {
      config,
      ...(clock === undefined ? {} : { clock }),
      ...(database === undefined ? {} : { database }),
      provided: {
        'service:tasks.list': () => ({ tasks: world.tasks, total: world.tasks.length }),
        'service:soul.read': () => ({ content: world.notes }),
        'service:memory.recall': (args) => recall(world, args as JsonObject),
        'service:chat.send': (args) => {
          world.sent.push(String((args as JsonObject).text));
          return { queued: 1 };
        },
        'service:turns.start': async (args) => {
          world.turns.push(args as JsonObject);
          await world.onTurn();
          const answer = world.answers.shift() ?? 'HEARTBEAT_OK';
          if (answer instanceof Error) throw answer;
          return { text: answer };
        },
      },
    },
  );
}

export async function receiptsOf(host: TestHost): Promise<readonly Receipt[]> {
  const { receipts } = (await host.call('service:heartbeat.receipts', { limit: 1000 })) as unknown as {
    receipts: readonly Receipt[];
  };
  return receipts.toReversed();
}

function recall({ memories }: World, { type, limit }: JsonObject): Json {
  const found = memories.filter((memory) => type === undefined || memory.type === type).slice(0, Number(limit));
  return { memories: found, count: found.length };
}

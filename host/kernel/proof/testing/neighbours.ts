import assert from 'node:assert/strict';
import { definePlugin, type PluginDefinition, type Schema } from '@clay/sdk';
import { systemClock } from '../../../clock.ts';
import type { ProofClaw } from './proof-claw.ts';

/** Runs in the host, and ships. */
export const inlineNeighbour: PluginDefinition<Schema> = definePlugin<Schema>({
  name: 'inline-neighbour',
  setup(ctx) {
    ctx.tool({ name: 'inline_echo', description: 'Echo.', parameters: { type: 'object' }, run: (args) => args });
  },
});

const processSource = `import { definePlugin } from '@clay/sdk';
export default definePlugin({
  name: 'process-neighbour',
  setup(ctx) {
    ctx.tool({ name: 'process_echo', description: 'Echo.', parameters: { type: 'object' }, run: (args) => args as never });
  },
});
`;

/** Two plugins that are called all the time, and have to answer every time. */
export interface Neighbours {
  /** Stops calling. Throws what the first call that failed has said. */
  end(): Promise<{ readonly calls: number; readonly slowestMs: number }>;
}

/** Deploys the one that runs in a process, waits until it is committed, and begins to call both. */
export async function callNeighbours(claw: ProofClaw, everyMs = 5): Promise<Neighbours> {
  const { state, problem } = await claw.deploy('process-neighbour', processSource);
  assert.equal(state, 'probation', problem ?? '');
  await claw.reached('process-neighbour', 1, 'committed');
  let isEnding = false;
  const pump = async (tool: string) => {
    let [calls, slowestMs] = [0, 0];
    while (!isEnding) {
      const began = performance.now();
      const args = { n: ++calls };
      assert.deepEqual(await claw.call(tool, args), args);
      slowestMs = Math.max(slowestMs, performance.now() - began);
      await systemClock.sleep(everyMs);
    }
    return { calls, slowestMs };
  };
  const pumps = Promise.all([pump('inline_echo'), pump('process_echo')]);
  pumps.catch(() => 'whoever ends it hears of it');
  return {
    async end() {
      isEnding = true;
      const [inline, process] = await pumps;
      return { calls: inline.calls + process.calls, slowestMs: Math.max(inline.slowestMs, process.slowestMs) };
    },
  };
}

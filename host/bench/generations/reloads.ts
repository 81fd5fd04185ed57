// A program of its own, for its memory: node [flags of a host] reloads.ts RELOADS WARM_UP
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openFiles, processesOf } from '../../kernel/proof/testing/leftovers.ts';
import { inlineNeighbour } from '../../kernel/proof/testing/neighbours.ts';
import { pluginSource, toolSource } from '../../kernel/proof/testing/plugin-source.ts';
import { type ProofOptions, startProofClaw } from '../../kernel/proof/testing/proof-claw.ts';
import type { Row } from '../row.ts';

const say = (name: string, says: string | number) => pluginSource(name, toolSource(name, `return '${says}';`));

const [reloads, warmUp] = process.argv.slice(2).map(Number);
if (!reloads || !warmUp) throw new Error('usage: node reloads.ts RELOADS WARM_UP');
console.log(JSON.stringify(await reloadRows(reloads, warmUp)));

/** One plugin is reloaded over and over while another one is called without a pause. */
async function reloadRows(reloads: number, warmUp: number): Promise<Row[]> {
  const options: ProofOptions = {
    shipped: [inlineNeighbour],
    isForgetful: true,
    limits: {},
    rules: { probationMs: 20, probeRounds: 1 },
  };
  await using claw = await startProofClaw(options);
  let [calls, failed, isEnding] = [0, 0, false];
  const calling = (async () => {
    await claw.deploy('steady', say('steady', 'steady'));
    while (!isEnding) {
      calls += 1;
      await claw.call('steady').catch(() => {
        failed += 1;
      });
      await new Promise(setImmediate);
    }
  })();
  const collect = collector();
  let before = { rss: 0, files: 0, children: 0 };
  for (let reload = 0; reload < warmUp + reloads; reload++) {
    const { generation } = await claw.deploy('reloaded', say('reloaded', reload));
    await claw.reached('reloaded', generation, 'committed');
    if (generation > 1) await claw.reached('reloaded', generation - 1, 'stopped');
    if (reload === warmUp - 1) before = look(collect);
  }
  const now = look(collect);
  isEnding = true;
  await calling;
  const grownMb = (now.rss - before.rss) / 2 ** 20;
  return [
    {
      what: `failed calls to a neighbour during ${reloads} reloads`,
      target: '0',
      measured: `${failed} of ${calls}`,
      isMet: failed === 0,
    },
    {
      what: `growth of the host over ${reloads} reloads, RSS`,
      target: '< 3 MB',
      measured: `${grownMb.toFixed(1)} MB`,
      isMet: grownMb < 3,
    },
    {
      what: 'files and children, against before',
      target: 'as many',
      measured: `${now.files - before.files} and ${now.children - before.children} more`,
      isMet: now.files <= before.files && now.children <= before.children,
    },
  ];
}

function look(collect: () => void) {
  collect();
  return { rss: process.memoryUsage.rss(), files: openFiles(), children: processesOf(null).length };
}

/** Only what is held counts, not what has not been swept up yet. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

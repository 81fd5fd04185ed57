import { parseArgs } from 'node:util';
import { createRandom } from '@clay/sdk/testing';
import { runKillTrial } from './kill-trial.ts';

// A trial by hand: `node host/testing/chats/main.ts telegram --turns 200 --kills 60`, with CLAY_BUNDLE and CLAY_SEED.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '60' },
    kills: { type: 'string', default: '20' },
    stderr: { type: 'boolean', default: false },
  },
});
const connector = positionals[0] === 'matterbridge' ? 'matterbridge' : 'telegram';
const { stderr, kills, ...report } = await runKillTrial({
  connector,
  turns: Number(values.turns),
  kills: Number(values.kills),
  random: createRandom(),
  program: process.env.MATTERBRIDGE_BIN ?? null,
});
if (values.stderr) process.stderr.write(stderr);
for (const { victim, step, isReached } of kills)
  console.log(`${victim} at “${step}”${isReached ? '' : ', which did not come'}`);
console.log(report);

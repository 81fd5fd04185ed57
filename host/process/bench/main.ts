// npm run bench is for the whole claw; this measures a plugin's process alone: node host/process/bench/main.ts
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin, type PluginDefinition } from '@clay/sdk';
import { printTable, type Row } from '../../bench/row.ts';
import { median, quantile } from '../../bench/statistics.ts';
import { buildPlugin } from '../testing/build-plugin.ts';
import { createGeneration, openVolume, type StartedGeneration, type TestVolume } from '../testing/start-generation.ts';

const starts = 20;
const calls = 3_000;
const warmUp = 500;
const idle = 3;

const source = `import { definePlugin } from '@clay/sdk';

export default definePlugin({
  name: 'echo',
  setup(ctx) {
    ctx.tool({ name: 'echo', description: 'Gives back.', parameters: { type: 'object' }, run: (args) => args });
    ctx.tool({ name: 'spin', description: 'Spins.', parameters: { type: 'object' }, run: () => { for (;;) {} } });
  },
});
`;

const inline = definePlugin({
  name: 'echo',
  setup(ctx) {
    ctx.tool({ name: 'echo', description: 'Gives back.', parameters: { type: 'object' }, run: (args) => args });
  },
});

async function start(volume: TestVolume, plugin: string | PluginDefinition, generation: number) {
  const started = createGeneration(volume, { manifest: { name: 'echo' }, plugin, generation });
  await started.stage();
  await started.live();
  return started;
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function callTimes(started: StartedGeneration): Promise<readonly number[]> {
  const args = { text: 'x'.repeat(1_000) };
  const times: number[] = [];
  for (let n = 0; n < warmUp + calls; n++) {
    const time = await measure(() => started.call('tool:echo', args));
    if (n >= warmUp) times.push(time);
  }
  return times;
}

/** Memory of a process, its share of what several use; in megabytes. */
function proportionalMb(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}

async function killTime(started: StartedGeneration): Promise<number> {
  const spinning = Promise.withResolvers<void>();
  const call = started
    .call('tool:spin', {}, { onAck: () => spinning.resolve() })
    .catch(() => 'died as it was meant to');
  await spinning.promise;
  const began = performance.now();
  process.kill(started.transport!.pids[0]!, 'SIGKILL');
  await started.death();
  const time = performance.now() - began;
  await call;
  return time;
}

async function main(): Promise<void> {
  await using volume = openVolume();
  const folder = join(volume.root, 'data', 'plugins', 'echo');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.ts'), source);
  const entry = await buildPlugin(join(folder, 'index.ts'), join(volume.root, 'data', 'generations', 'echo', '1'));

  const [startTimes, killTimes]: [number[], number[]] = [[], []];
  for (let n = 1; n <= starts; n++) {
    const started = createGeneration(volume, { manifest: { name: 'echo' }, plugin: entry, generation: n });
    startTimes.push(await measure(() => started.stage()));
    await started.live();
    killTimes.push(await killTime(started));
  }

  const memory: number[] = [];
  const remote = await start(volume, entry, starts + 1);
  const others = await Promise.all(Array.from({ length: idle - 1 }, (_, n) => start(volume, entry, starts + 2 + n)));
  for (const one of [remote, ...others]) memory.push(proportionalMb(one.transport!.pids[0]!));
  const [processTimes, inlineTimes] = [
    await callTimes(remote),
    await callTimes(await start(volume, inline as PluginDefinition, 99)),
  ];

  const ms = (value: number, digits = 1) => `${value.toFixed(digits)} ms`;
  const rows: readonly Row[] = [
    row('spawn to ready', 100, startTimes, (times) => `${ms(median(times))} median, ${ms(quantile(times, 0.95))} p95`),
    row(
      '1 KB call, process',
      0.4,
      processTimes,
      (times) => `${ms(median(times), 3)} median, ${ms(quantile(times, 0.99), 3)} p99`,
    ),
    row(
      '1 KB call, inline',
      0.4,
      inlineTimes,
      (times) => `${ms(median(times), 3)} median, ${ms(quantile(times, 0.99), 3)} p99`,
    ),
    row(
      'SIGKILL of a spinning process to its record',
      100,
      killTimes,
      (times) => `${ms(median(times))} median, ${ms(quantile(times, 0.95))} p95`,
    ),
    {
      what: `idle memory, each of ${idle} (PSS)`,
      target: '≤ 40 MB',
      measured: `${median(memory).toFixed(1)} MB`,
      isMet: median(memory) <= 40,
    },
  ];
  printTable(rows);
}

function row(
  what: string,
  targetMs: number,
  times: readonly number[],
  print: (times: readonly number[]) => string,
): Row {
  return { what, target: `≤ ${targetMs} ms median`, measured: print(times), isMet: median(times) <= targetMs };
}

await main();

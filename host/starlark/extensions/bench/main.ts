// npm run bench is for the whole claw; this measures extensions alone:
// node --expose-gc host/starlark/extensions/bench/main.ts
import { readdirSync } from 'node:fs';
import { printTable, type Row } from '../../../bench/row.ts';
import { median, quantile } from '../../../bench/statistics.ts';
import { systemClock } from '../../../clock.ts';
import type { Lanes } from '../../lanes.ts';
import { type Claw, openClaw, openLanes } from '../testing/open-claw.ts';

const saves = 200;
const warmUp = 700;
const reloads = 1_000;
/** Lives that are drained let go in a moment, and lanes tell their memory with each beat. */
const calmMs = 3_000;

const shout = (mark: number) => `def run(text: str) -> str:
    """Shouts.

    Args:
      text: what is shouted
    """
    return text.upper() + "${mark}"

def test_shouts():
    if run("a") != "A${mark}":
        fail("no")
`;

const neighbour = `def steady(x: int) -> int:
    """Gives back."""
    return x

tool(steady)
`;

function row(what: string, measured: number, target: number, unit: string): Row {
  const isMet = measured <= target;
  return { what, target: `≤ ${target} ${unit}`, measured: `${measured.toFixed(1)} ${unit}`, isMet };
}

/** From the end of a save until the new text answers. */
async function saveTimes(claw: Claw): Promise<readonly number[]> {
  const times: number[] = [];
  for (let mark = 1; mark <= saves; mark++) {
    const began = performance.now();
    claw.save('saved', shout(mark));
    await claw.report('saved', mark);
    if ((await claw.tool('saved', { text: '' })) !== `${mark}`) throw new Error('an older generation answered');
    times.push(performance.now() - began);
  }
  return times;
}

interface Held {
  readonly hostMb: number;
  readonly laneMb: number;
  readonly files: number;
  readonly lanes: number;
}

async function held(lanes: Lanes): Promise<Held> {
  globalThis.gc?.();
  await systemClock.sleep(calmMs);
  globalThis.gc?.();
  return {
    hostMb: process.memoryUsage.rss() / 2 ** 20,
    laneMb: lanes.list().reduce((sum, { residentBytes }) => sum + residentBytes, 0) / 2 ** 20,
    files: readdirSync('/proc/self/fd').length,
    lanes: lanes.list().length,
  };
}

/** Calls somebody else without a pause until it is told to end; gives how many calls there were, and how many failed. */
async function callNeighbour(claw: Claw, signal: AbortSignal) {
  let [calls, failed] = [0, 0];
  while (!signal.aborted) {
    calls += 1;
    await claw.tool('steady', { x: calls }).catch(() => {
      failed += 1;
    });
    await systemClock.sleep(2);
  }
  return { calls, failed };
}

async function main(): Promise<void> {
  await using lanes = openLanes();
  await using claw = await openClaw(lanes);
  claw.save('steady', neighbour);
  await claw.report('steady');
  const times = await saveTimes(claw);
  const write = async (from: number, count: number) => {
    for (let mark = from; mark < from + count; mark++) {
      const { admission } = await claw.extensions.write('reloaded', shout(mark));
      if (admission?.problem !== null) throw new Error(admission?.problem ?? 'not saved');
    }
  };
  await write(0, warmUp);
  const before = await held(lanes);
  const end = new AbortController();
  const calling = callNeighbour(claw, end.signal);
  const began = performance.now();
  await write(warmUp, reloads);
  const took = performance.now() - began;
  end.abort();
  const { calls, failed } = await calling;
  const after = await held(lanes);
  printTable([
    row('save of a .star file to callable, p50', median(times), 150, 'ms'),
    row('save of a .star file to callable, p95', quantile(times, 0.95), 150, 'ms'),
    row(`${reloads} reloads: host RSS grows`, after.hostMb - before.hostMb, 3, 'MB'),
    row(`${reloads} reloads: lanes RSS grows`, after.laneMb - before.laneMb, 3, 'MB'),
    row(`${reloads} reloads: file descriptors more`, after.files - before.files, 0, ''),
    row(`${reloads} reloads: lanes more`, after.lanes - before.lanes, 0, ''),
    row(`${calls} calls to a neighbour meanwhile: failed`, failed, 0, ''),
    row('one reload, mean', took / reloads, 150, 'ms'),
  ]);
}

// Nothing of a host keeps its process alive but its server, which this one does not have.
const awake = setInterval(() => {}, calmMs);
await main();
clearInterval(awake);

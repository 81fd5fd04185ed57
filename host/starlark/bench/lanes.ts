// npm run bench is for the whole claw; this measures the lanes alone: node host/starlark/bench/lanes.ts
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@clay/sdk';
import type { ServedAnswer, ServedRequest } from '@clay/sdk/wire';
import { build } from 'esbuild';
import { printTable, type Row } from '../../bench/row.ts';
import { median, quantile } from '../../bench/statistics.ts';
import { systemClock } from '../../clock.ts';
import type { LaneEntry } from '../pool/lane-entry.ts';
import { openLanes, script } from '../pool/testing/open-lanes.ts';

const starts = 15;
const saves = 40;
/** Saves until the caches of a lane are full. */
const fillingSaves = 1_500;
const reloads = 1_000;
const calls = 2_000;
const warmUp = 300;
const requests = 2_000;

const source = `# DESCRIPTION: Measures.
load("@std//http.star", "http")
load("@std//kv.star", "kv")

allow(http = ["example.org"])

def echo(text: str) -> str:
    """Gives back."""
    return text

def ask(n: int) -> int:
    """Asks the host n times."""
    for i in range(n):
        kv.get("key")
    return n

def fetch(n: int) -> str:
    """Fetches a page."""
    return http.get("https://example.org/%d" % n).text

def spin() -> int:
    """Adds for some seconds."""
    n = 0
    for i in range(1000000000):
        n += i
    return n

tool(echo)
tool(ask)
tool(fetch)
tool(spin)

def test_echo():
    if echo("a") != "a":
        fail("no echo")
`;

/** The lane as it ships: one file. */
async function bundleLane(folder: string): Promise<LaneEntry> {
  const file = join(folder, 'lane.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '..', 'lane', 'main.ts')],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'error',
  });
  return { file, folders: [folder] };
}

async function serve({ method }: ServedRequest): Promise<ServedAnswer> {
  if (method !== 'http.fetch') return { value: {} };
  await systemClock.sleep(100);
  const value: Json = { status: 200, url: 'https://example.org/', headers: {} };
  return { value, blobs: [new TextEncoder().encode('a page')] };
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

interface Memory {
  /** Its own pages. */
  readonly privateMb: number;
  /** And its share of what several use: less, the more processes of Node there are on the machine. */
  readonly proportionalMb: number;
}

function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1_024;
  return { privateMb: mb('Private_Clean') + mb('Private_Dirty'), proportionalMb: mb('Pss') };
}

async function measureStarts(entry: LaneEntry): Promise<{ readonly cold: number[]; readonly idle: Memory[] }> {
  const cold: number[] = [];
  const idle: Memory[] = [];
  for (let n = 0; n < starts; n++) {
    await using lanes = openLanes({ entry });
    cold.push(await measure(() => lanes.open('one', source, { serve })));
    idle.push(memoryOf(lanes.lanes.list()[0]!.pid));
  }
  return { cold, idle };
}

/** Of a file that is saved again and again while its neighbour serves: inspected, set up, and called. */
async function measureSaves(entry: LaneEntry): Promise<readonly number[]> {
  await using lanes = openLanes({ entry });
  await lanes.open('neighbour', source, { serve });
  const times: number[] = [];
  for (let n = 0; n < saves; n++) {
    const saved = `${source}\n# ${n}\n`;
    times.push(
      await measure(async () => {
        const report = await lanes.lanes.inspect(script('one', saved));
        if (!report.isGood) throw new Error(report.text);
        const one = await lanes.open('one', saved, { serve, generation: n });
        await one.call('tool:echo', { text: 'a' });
        one.connection.close();
      }),
    );
  }
  return times;
}

/** What a thousand further saves of one file leave behind: in the lane and in the host, in MB, and in open files. */
async function measureReloads(entry: LaneEntry): Promise<{ lane: number; host: number; files: number }> {
  await using lanes = openLanes({ entry });
  await lanes.open('neighbour', source, { serve });
  const reload = async (n: number) => {
    const saved = `${source}\n# ${n}\n`;
    await lanes.lanes.inspect(script('one', saved));
    const one = await lanes.open('one', saved, { serve, generation: n });
    await one.call('tool:echo', { text: 'a' });
    one.connection.close();
    await one.transport.ended();
  };
  const { pid } = lanes.lanes.list()[0]!;
  const state = () => [
    memoryOf(pid).privateMb,
    process.memoryUsage().rss / 2 ** 20,
    readdirSync('/proc/self/fd').length,
  ];
  let saved = 0;
  const save = async (times: number) => {
    for (const end = saved + times; saved < end; ) await reload(++saved);
  };
  /** The floor of the last saves: garbage that waits to be collected is not left behind. */
  const floor = async () => {
    const states: number[][] = [];
    for (let n = 0; n < 10; n++) {
      await save(20);
      states.push(state());
    }
    return [0, 1, 2].map((index) => Math.min(...states.map((one) => one[index]!)));
  };
  await save(fillingSaves);
  const before = await floor();
  await save(reloads - 200);
  const [lane, host, files] = (await floor()).map((value, index) => value - before[index]!);
  return { lane: lane!, host: host!, files: files! };
}

/** From the death of the only lane to the first answer of a script that was in it; warm as it is after a save, or not. */
async function measureDeaths(entry: LaneEntry, isWarm: boolean): Promise<readonly number[]> {
  // Nobody is at fault here, so nobody is set apart for it.
  await using lanes = openLanes({ entry, limits: { suspectMs: 0, idleMs: isWarm ? 45_000 : 1 } });
  const times: number[] = [];
  for (let n = 0; n < starts; n++) {
    const one = await lanes.open('one', source, { serve, generation: n });
    if (isWarm) await lanes.lanes.inspect(script('one', source));
    const { pid } = lanes.lanes.list().find(({ scripts }) => scripts.length > 0)!;
    times.push(
      await measure(async () => {
        process.kill(pid, 'SIGKILL');
        await one.death();
        const again = await lanes.open('one', source, { serve, generation: n });
        await again.call('tool:echo', { text: 'a' });
        again.connection.close();
        await again.transport.ended();
      }),
    );
  }
  return times;
}

/** From the call that spins to the answer of another script in the same lane, by the script's own bound. */
async function measureSpin(entry: LaneEntry): Promise<readonly number[]> {
  await using lanes = openLanes({ entry });
  const one = await lanes.open('one', source, { serve });
  const spinning = one.call('tool:spin').catch((error: Error) => error.message);
  const time = await measure(() => one.call('tool:echo', { text: 'a' }));
  await spinning;
  return [time];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-lane-bench-'));
  try {
    const entry = await bundleLane(folder);
    const { cold, idle } = await measureStarts(entry);
    const saved = await measureSaves(entry);
    const left = await measureReloads(entry);
    const deaths = await measureDeaths(entry, true);
    const coldDeaths = await measureDeaths(entry, false);
    const spun = await measureSpin(entry);
    await using lanes = openLanes({ entry });
    const one = await lanes.open('one', source, { serve });
    const [echoes, asks]: [number[], number[]] = [[], []];
    const text = 'x'.repeat(1_000);
    for (let n = 0; n < warmUp + calls; n++) {
      const time = await measure(() => one.call('tool:echo', { text }));
      if (n >= warmUp) echoes.push(time);
    }
    for (let n = 0; n < 20; n++) {
      const time = await measure(() => one.call('tool:ask', { n: requests / 20 }));
      if (n > 2) asks.push(time / (requests / 20));
    }
    const pages: number[] = [];
    for (let n = 0; n < 5; n++)
      pages.push(
        await measure(() => Promise.all(Array.from({ length: 100 }, (_, id) => one.call('tool:fetch', { n: id })))),
      );
    const { pid } = lanes.lanes.list()[0]!;
    const warm = memoryOf(pid);
    printTable([
      row('first script: spawn, set up, live', 150, cold),
      row('save: inspect, set up, live, first call; its lanes are warm', 150, saved),
      row('lane killed soon after a save: its script serves again', 100, deaths),
      row('lane killed later: its script serves again', 150, coldDeaths),
      row('a script spins: another in its lane answers again', 5_000, spun),
      row('1 KB call of a tool in a script', 0.4, echoes),
      row('host call from a script and back', 0.2, asks),
      row('100 calls at once, each waiting 100 ms', 400, pages),
      {
        what: `left by ${reloads} saves after the first ${fillingSaves}`,
        target: '≤ 3 MB, no files',
        measured: `lane ${left.lane.toFixed(1)} MB, host ${left.host.toFixed(1)} MB, ${left.files} files`,
        isMet: left.lane <= 3 && left.host <= 3 && left.files === 0,
      },
      memory('idle lane with one script', 30, idle),
      memory('lane after all this', 60, [warm]),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(what: string, targetMs: number, times: readonly number[]): Row {
  const digits = targetMs < 10 ? 3 : 1;
  const [middle, high] = [median(times), quantile(times, 0.95)];
  const measured = `${middle.toFixed(digits)} ms median, ${high.toFixed(digits)} ms p95`;
  return { what, target: `≤ ${targetMs} ms median`, measured, isMet: middle <= targetMs };
}

function memory(what: string, targetMb: number, sizes: readonly Memory[]): Row {
  const own = median(sizes.map(({ privateMb }) => privateMb));
  const shared = median(sizes.map(({ proportionalMb }) => proportionalMb));
  return {
    what,
    target: `≤ ${targetMb} MB of its own`,
    measured: `${own.toFixed(1)} MB, ${shared.toFixed(1)} MB with its share of Node (PSS)`,
    isMet: own <= targetMb,
  };
}

await main();

import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { supervise } from '../launch.mjs';
import { freePort, memoryOf, type Server, startServer } from '../testing/claw.ts';
import type { Row } from './row.ts';
import { median, quantile } from './statistics.ts';

/** A whole claw under its medic, as `npm start` runs it, whose files are saved like a person's. */
const saves = 200;
const reloads = 1_000;
/** Saves until caches and pools of host and lane have their size. */
const warmUp = 700;
const idleMs = 60_000;

export async function extensionRows(): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'clay-bench-'));
  try {
    await using claw = await startSupervised(root);
    // The lane that looked at the first script goes when it has had nothing to do for a while.
    await wait(idleMs);
    const idle = memoryOf(claw.pid).pss + childrenOf(claw.pid).reduce((sum, host) => sum + memoryOf(host).pss, 0);
    const withLane = familyMemory(claw.pid);
    const news = await hearNews(claw, root);
    const first = await news.save(source(0));
    const times: number[] = [];
    for (let index = 1; index <= saves; index++) times.push(await news.save(source(index)));
    const more = await reloadRow(claw, news);
    news.close();
    return [
      megabytes('idle memory, PSS of medic and host', idle, 130),
      megabytes('the same with one lane warm', withLane, 165),
      {
        what: '.star saved → callable, p95',
        target: '≤ 150 ms',
        measured: `${quantile(times, 0.95).toFixed(0)} ms  (median ${median(times).toFixed(0)}, the first ${first.toFixed(0)})`,
        isMet: quantile(times, 0.95) <= 150,
      },
      more,
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function reloadRow(claw: Server, news: News): Promise<Row> {
  for (let index = 0; index < warmUp; index++) await news.save(source(10_000 + index));
  const before = measure(claw.pid);
  for (let index = 0; index < reloads; index++) await news.save(source(20_000 + index));
  await wait(5_000);
  const after = measure(claw.pid);
  const grown = after.host - before.host;
  const isSame = after.files <= before.files && after.children <= before.children;
  return {
    what: `${reloads} reloads of one .star file: growth of the host`,
    target: '< 3 MB, no file or child more',
    measured: `${grown.toFixed(1)} MB, ${after.files - before.files} files, ${after.children - before.children} children  (all of it: ${(after.family - before.family).toFixed(1)} MB)`,
    isMet: grown < 3 && isSame,
  };
}

function source(version: number): string {
  return `# DESCRIPTION: Version ${version}.

def run(name: str = "world") -> str:
    """Greets.

    Args:
      name: who is greeted
    """
    return "Hello %s from ${version}" % name

def test_greets():
    if run("Ada") != "Hello Ada from ${version}":
        fail(run("Ada"))
`;
}

interface News {
  /** Saves it, and gives the milliseconds until it serves. */
  save(text: string): Promise<number>;
  close(): void;
}

async function hearNews(claw: Server, root: string): Promise<News> {
  const token = readFileSync(join(root, 'data', 'token'), 'utf8').trim();
  const stop = new AbortController();
  const response = await fetch(`${claw.url}/api/admin/news`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stop.signal,
  });
  let serves: (() => void) | null = null;
  let rest = '';
  const read = async () => {
    for await (const chunk of response.body!) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('data:') && line.includes('"greet"') && line.includes('"probation"')) serves?.();
    }
  };
  read().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const file = join(root, 'data', 'extensions', 'greet.star');
  return {
    async save(text) {
      const isServing = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('a save was not served within 20 s')), 20_000);
        serves = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const begin = performance.now();
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
      await isServing;
      return performance.now() - begin;
    },
    close: () => stop.abort(),
  };
}

async function startSupervised(root: string): Promise<Server> {
  const bundle = process.env.CLAY_BUNDLE;
  if (!bundle) throw new Error('CLAY_BUNDLE names no bundle; run it with npm run bench');
  const [port, adkPort] = [await freePort(), await freePort()];
  const how = supervise(process.execPath, bundle, ['start']);
  const environment = { CLAY_ROOT: root, CLAY_PORT: String(port), ADK_PORT: String(adkPort), CLAY_LOG_LEVEL: 'error' };
  return startServer(
    process.execPath,
    how.args,
    { PATH: process.env.PATH ?? '', ...environment, ...how.env },
    `http://127.0.0.1:${adkPort}`,
    '/readyz',
  );
}

function measure(medic: number) {
  const [host] = childrenOf(medic);
  if (host === undefined) throw new Error('the medic has no host');
  return {
    host: memoryOf(host).rss,
    family: familyMemory(medic),
    files: readdirSync(`/proc/${host}/fd`).length,
    children: childrenOf(host).length,
  };
}

/** Megabytes of a process and everything below it, each shared page counted once. */
function familyMemory(pid: number): number {
  return memoryOf(pid).pss + childrenOf(pid).reduce((sum, child) => sum + familyMemory(child), 0);
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function megabytes(what: string, measured: number, target: number): Row {
  return { what, target: `≤ ${target} MB`, measured: `${measured.toFixed(0)} MB`, isMet: measured <= target };
}

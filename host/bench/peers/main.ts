import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { memoryOf, type Server, startClaw } from '../../testing/claw.ts';
import { post, throughput, timeEach } from '../../testing/http.ts';
import { startInstantModel } from '../instant-model.ts';
import { printTable } from '../row.ts';
import { median } from '../statistics.ts';
import { installOpenclaw, openclawHeaders, openclawVersion, startOpenclaw } from './openclaw.ts';

/** Beside OpenClaw, both on the same model server that answers at once. */
const turns = 30;
const idleMs = 30_000;

interface Figures {
  readonly readyMs: number;
  readonly pssMb: number;
  readonly turnMs: number;
  readonly turnsPerSecond: number;
}

installOpenclaw();
const model = await startInstantModel();
const messages = [{ role: 'user', content: 'hello' }];
const modelMs = median(await timeEach(50, () => post(`${model.url}/v1/messages`, { messages })));

const clay = await measure(
  await startClaw({ MODEL_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'k', ANTHROPIC_API_BASE: model.url }),
  (server, client) => post(`${server.publicUrl}/msg`, { text: 'hello', user_id: `u${client}`, protocol: 'bench' }),
);
const openclaw = await measure(await startOpenclaw(model.url), (server, client) =>
  post(
    `${server.url}/v1/chat/completions`,
    { model: 'openclaw/default', user: `u${client}`, messages },
    openclawHeaders,
  ),
);
model.close();

const times = (ratio: number) => `${ratio.toFixed(1)} ×`;
printTable([
  row(
    'ready, sooner',
    '≥ 15 ×',
    openclaw.readyMs / clay.readyMs,
    15,
    `${clay.readyMs.toFixed(0)} against ${openclaw.readyMs.toFixed(0)} ms`,
  ),
  row(
    'idle PSS, smaller',
    '≥ 6 ×',
    openclaw.pssMb / clay.pssMb,
    6,
    `${clay.pssMb.toFixed(0)} against ${openclaw.pssMb.toFixed(0)} MB`,
  ),
  row(
    'plain turn over HTTP beyond the model, shorter',
    '≥ 30 ×',
    (openclaw.turnMs - modelMs) / (clay.turnMs - modelMs),
    30,
    `${(clay.turnMs - modelMs).toFixed(1)} against ${(openclaw.turnMs - modelMs).toFixed(1)} ms`,
  ),
  row(
    'turns per second, 8 clients',
    '≥ 50 ×',
    clay.turnsPerSecond / openclaw.turnsPerSecond,
    50,
    `${clay.turnsPerSecond.toFixed(0)} against ${openclaw.turnsPerSecond.toFixed(1)}`,
  ),
]);

function row(what: string, target: string, ratio: number, least: number, figures: string) {
  return {
    what: `${what} (OpenClaw ${openclawVersion})`,
    target,
    measured: `${times(ratio)}  (${figures})`,
    isMet: ratio >= least,
  };
}

async function measure(server: Server, turn: (server: Server, client: number) => Promise<unknown>): Promise<Figures> {
  await wait(idleMs);
  const pssMb = familyOf(server.pid).reduce((sum, pid) => sum + memoryOf(pid).pss, 0);
  await turn(server, 0);
  const turnMs = median(await timeEach(turns, () => turn(server, 0)));
  const turnsPerSecond = await throughput(8, turns * 2, (client) => turn(server, client));
  await server.stop();
  return { readyMs: server.readyMs, pssMb, turnMs, turnsPerSecond };
}

/** A process and all its descendants. */
function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    parents.set(Number(name), parentOf(name));
  const isInFamily = (member: number): boolean =>
    member === pid || (member > 1 && isInFamily(parents.get(member) ?? 0));
  return [...parents.keys()].filter(isInFamily);
}

/** 0 for a process that has just ended. */
function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

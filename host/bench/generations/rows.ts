import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '@clay/sdk';
import type { GenerationJournal, Journal } from '../../journal/journal.ts';
import { processesOf } from '../../kernel/proof/testing/leftovers.ts';
import { pluginSource, toolSource } from '../../kernel/proof/testing/plugin-source.ts';
import { type ProofClaw, startProofClaw } from '../../kernel/proof/testing/proof-claw.ts';
import { surroundings } from '../../launch.mjs';
import type { Row } from '../row.ts';
import { median, quantile } from '../statistics.ts';

const say = (name: string, says: string | number, fault = '') =>
  pluginSource(name, toolSource(name, `if (args.fault) { ${fault} } return '${says}';`));
/** As a claw has them. */
const realLimits = {};
const ms = (value: number, digits = 0) => `${value.toFixed(digits)} ms`;

/** What making, undoing and reloading generations costs. `isQuick`: few rounds, for a look. */
export async function generationRows(isQuick: boolean): Promise<readonly Row[]> {
  return [
    await saveRow(isQuick ? 5 : 30),
    ...(await flipRows(isQuick ? 10 : 100)),
    await crashRow(isQuick ? 5 : 30),
    await spinRow(isQuick ? 1 : 5),
    await callRow(isQuick ? 500 : 5_000),
    ...(await reloadRows(isQuick ? 30 : 1_000, isQuick ? 10 : 100)),
  ];
}

/** From the first byte of the sources to the first answer of the new code, while the types are checked beside. */
async function saveRow(rounds: number): Promise<Row> {
  await using claw = await startProofClaw({ isChecked: true, limits: realLimits, rules: { probationMs: 30_000 } });
  await claw.deploy('saved', say('saved', 'first'));
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await claw.deploy('saved', say('saved', round));
    assert.equal(await claw.call('saved'), String(round));
    times.push(performance.now() - began);
  }
  return row('TypeScript from save to callable, p95', 600, quantile(times, 0.95), `median ${ms(median(times))}`);
}

/** From the row that is about to be written to the names that stand for another generation. */
async function flipRows(rounds: number): Promise<Row[]> {
  const times = { forth: [] as number[], back: [] as number[] };
  let decided: { at: number; way: keyof typeof times } | null = null;
  const journal = (opened: Journal) => {
    const inner = opened.generations;
    const write: GenerationJournal['decided'] = (moves, histories) => {
      const states = moves.map(({ state }) => state);
      const way = states.includes('rolled-back') ? 'back' : states.includes('probation') ? 'forth' : null;
      if (way !== null) decided = { at: performance.now(), way };
      inner.decided(moves, histories);
    };
    return { ...opened, generations: timed(inner, write) };
  };
  await using claw = await startProofClaw({ journal, rules: { probationMs: 60_000 } });
  await claw.deploy('flipped', say('flipped', 'base'));
  claw.kernel.registry.onChange(() => {
    if (decided !== null) times[decided.way].push(performance.now() - decided.at);
    decided = null;
  });
  for (let round = 0; round < rounds; round++) {
    await claw.deploy('flipped', say('flipped', round));
    await claw.medic.rollback('flipped');
    assert.equal(await claw.call('flipped'), 'base');
  }
  return [
    row('flip, with its row, median', 1, median(times.forth), `p95 ${ms(quantile(times.forth, 0.95), 2)}`, 2),
    row('flip back, with its row, median', 1, median(times.back), `p95 ${ms(quantile(times.back, 0.95), 2)}`, 2),
  ];
}

async function crashRow(rounds: number): Promise<Row> {
  const times = await untilOldServes(rounds, async (_, pids) => {
    process.kill(pids.at(-1)!, 'SIGKILL');
  });
  return row(
    'SIGKILL on probation until the old one serves, p95',
    100,
    quantile(times, 0.95),
    `median ${ms(median(times))}`,
  );
}

async function spinRow(rounds: number): Promise<Row> {
  const times = await untilOldServes(rounds, async (claw) => {
    claw.call('undone', { fault: true }, { timeoutMs: 60_000 }).catch(() => 'it was killed in it');
  });
  return row(
    'a spin on probation until the old one serves, p95',
    5_000,
    quantile(times, 0.95),
    `median ${ms(median(times))}`,
  );
}

/** Breaks a generation on probation again and again; times from there to the first answer of the one before. */
async function untilOldServes(
  rounds: number,
  breakIt: (claw: ProofClaw, pids: readonly number[]) => Promise<void>,
): Promise<readonly number[]> {
  await using claw = await startProofClaw({ limits: realLimits });
  await claw.deploy('undone', say('undone', 'old'));
  await claw.reached('undone', 1, 'committed');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // As long as it is watched.
    const { generation } = await claw.deploy('undone', say('undone', `new ${round}`, 'for (;;) {}'));
    const pids = processesOf('undone');
    const began = performance.now();
    await breakIt(claw, pids);
    let answer: Json = null;
    while (answer !== 'old') answer = await claw.call('undone').catch(() => null);
    times.push(performance.now() - began);
    await claw.reached('undone', generation, 'quarantined');
  }
  return times;
}

async function callRow(calls: number): Promise<Row> {
  await using claw = await startProofClaw({ isForgetful: true });
  await claw.deploy('echo', pluginSource('echo', toolSource('echo', 'return args;')));
  await claw.reached('echo', 1, 'committed');
  const args = { text: 'x'.repeat(1_000) };
  const times: number[] = [];
  for (let n = 0; n < calls + 200; n++) {
    const began = performance.now();
    await claw.call('echo', args);
    if (n >= 200) times.push(performance.now() - began);
  }
  return row(
    '1 KB call into a process, journalled, median',
    0.4,
    median(times),
    `p99 ${ms(quantile(times, 0.99), 2)}`,
    3,
  );
}

/** In a process of its own that is started as a host is: what it keeps depends on that. */
async function reloadRows(reloads: number, warmUp: number): Promise<readonly Row[]> {
  const { flags, env } = surroundings;
  const args = [...flags, join(import.meta.dirname, 'reloads.ts'), String(reloads), String(warmUp)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

function timed(inner: GenerationJournal, decided: GenerationJournal['decided']): GenerationJournal {
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'decided') return decided;
      const member = Reflect.get(target, name) as unknown;
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function row(what: string, targetMs: number, value: number, more: string, digits = 0): Row {
  return {
    what,
    target: `≤ ${ms(targetMs, targetMs < 1 ? 1 : 0)}`,
    measured: `${ms(value, digits)}  (${more})`,
    isMet: value <= targetMs,
  };
}

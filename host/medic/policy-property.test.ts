import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '@clay/sdk/testing';
import { canMove, type GenerationState } from '../generations/state.ts';
import type { GenerationEvent, MedicEvent } from './event.ts';
import { emptyHistory, type History } from './history.ts';
import { decide } from './policy.ts';
import { defaultRules } from './rules.ts';
import type { Step } from './step.ts';

const plugins = ['a', 'b', 'c'];
const eventsInRun = 400;
const runs = 80;

/** What the test itself knows of a generation, from the steps alone. */
interface Seen {
  state: GenerationState;
  hash: string;
  isProven: boolean;
  check: 'none' | 'pending' | 'passed' | 'failed';
  probesPassed: number;
  watchedMs: number;
  watchedSince: number | null;
}

/** Follows the decisions and holds every rule that must never be broken against them. */
class Watcher {
  readonly seen = new Map<string, Seen>();
  readonly pointers = new Map<string, number | null>();
  readonly quarantined = new Set<string>();
  readonly commits: string[] = [];
  safeModes = 0;

  key(plugin: string, generation: number): string {
    return `${plugin}#${generation}`;
  }

  of(step: { readonly plugin: string; readonly generation: number }): Seen {
    const seen = this.seen.get(this.key(step.plugin, step.generation));
    assert.ok(seen !== undefined, `a step about ${this.key(step.plugin, step.generation)}, which was never built`);
    return seen;
  }

  before(event: MedicEvent, now: number): void {
    if (event.type === 'built') this.#built(event);
    if (event.type === 'unquarantine') this.quarantined.delete(`${event.plugin} ${event.hash}`);
    if (event.type === 'boot') {
      this.#boot(event);
      for (const seen of this.seen.values()) if (seen.check === 'pending') seen.check = 'none';
    }
    if (!('generation' in event)) return;
    const seen = this.seen.get(this.key(event.plugin, event.generation));
    if (seen === undefined) return;
    if (event.type === 'probed' && seen.state === 'probation' && event.isPassed) seen.probesPassed += 1;
    if (event.type === 'checked' && seen.check === 'pending') seen.check = event.isPassed ? 'passed' : 'failed';
    assert.ok(now > 0);
  }

  step(step: Step, now: number): void {
    switch (step.do) {
      case 'move':
        this.#move(step, now);
        return;
      case 'start':
        this.of(step).state = 'built';
        assert.ok(step.afterMs >= 0 && step.afterMs <= defaultRules.maxBackoffMs);
        return;
      case 'quarantine':
        this.quarantined.add(`${step.plugin} ${step.hash}`);
        return;
      case 'probe':
        assert.equal(this.of(step).state, 'probation');
        return;
      case 'safe-mode':
        this.safeModes += 1;
        return;
      case 'stop':
      case 'tell':
        this.of(step);
    }
  }

  /** Rules that hold between decisions. */
  settled(history: History): void {
    for (const plugin of plugins) {
      const known = history.plugins[plugin];
      const states = [...this.seen]
        .filter(([key]) => key.startsWith(`${plugin}#`))
        .map(([key, one]) => ({ key, ...one }));
      const onProbation = states.filter(({ state }) => state === 'probation');
      assert.ok(onProbation.length <= 1, `two on probation: ${onProbation.map(({ key }) => key)}`);
      const current = known?.current ?? null;
      for (const { key } of onProbation)
        assert.equal(key, this.key(plugin, current ?? -1), 'who is on probation serves');
      if (current === null) continue;
      const serving = this.seen.get(this.key(plugin, current));
      assert.ok(serving !== undefined);
      assert.ok(
        !['rejected', 'quarantined', 'rolled-back', 'draining'].includes(serving.state),
        `${serving.state} serves`,
      );
      assert.ok(!this.quarantined.has(`${plugin} ${serving.hash}`), 'a quarantined build serves');
      for (const generation of known?.generations ?? []) {
        assert.equal(generation.state, this.of({ plugin, generation: generation.generation }).state);
      }
    }
  }

  #built({ plugin, generation, hash, isChecked }: Extract<GenerationEvent, { type: 'built' }>): void {
    const key = this.key(plugin, generation);
    if (this.seen.has(key)) return;
    this.seen.set(key, {
      state: 'built',
      hash,
      isProven: generation === 0,
      check: isChecked ? 'pending' : 'none',
      probesPassed: 0,
      watchedMs: 0,
      watchedSince: null,
    });
  }

  #boot({ diedAt }: Extract<MedicEvent, { type: 'boot' }>): void {
    for (const seen of this.seen.values()) {
      if (seen.watchedSince === null) continue;
      seen.watchedMs += diedAt - seen.watchedSince;
      seen.watchedSince = null;
    }
  }

  #move({ plugin, generation, to, point }: Extract<Step, { do: 'move' }>, now: number): void {
    const seen = this.of({ plugin, generation });
    assert.ok(canMove(seen.state, to), `${this.key(plugin, generation)} from ${seen.state} to ${to}`);
    if (to === 'committed') this.#commit(this.key(plugin, generation), seen, now);
    if (to === 'probation') seen.watchedSince = now;
    else if (to !== 'staged') seen.watchedSince = null;
    if (to === 'crashed' || to === 'rejected') Object.assign(seen, { watchedMs: 0, probesPassed: 0 });
    seen.state = to;
    if (point !== undefined) this.pointers.set(plugin, point);
  }

  #commit(key: string, seen: Seen, now: number): void {
    if (!seen.isProven) {
      const watchedMs = seen.watchedMs + now - (seen.watchedSince ?? now);
      assert.ok(watchedMs >= defaultRules.probationMs, `${key} was committed after ${watchedMs} ms`);
      assert.ok(
        seen.probesPassed >= defaultRules.probeRounds,
        `${key} was committed after ${seen.probesPassed} probes`,
      );
      assert.ok(seen.check === 'none' || seen.check === 'passed', `${key} was committed with its check ${seen.check}`);
    }
    seen.isProven = true;
    this.commits.push(key);
  }
}

/** Mostly what could happen now, at times what could not. */
function randomEvent(random: Random, watcher: Watcher, now: number): MedicEvent {
  const plugin = random.pick(plugins);
  const numbers = [...watcher.seen.keys()]
    .filter((key) => key.startsWith(`${plugin}#`))
    .map((key) => Number(key.split('#')[1]));
  const generation = numbers.length === 0 ? 0 : random.pick(numbers.slice(-4));
  const isGood = random.below(6) > 0;
  const reason = 'because';
  switch (random.below(24)) {
    case 0:
    case 1: {
      const next = (numbers.at(-1) ?? -1) + 1;
      // Now and then a build that was there before.
      return {
        type: 'built',
        plugin,
        generation: next,
        hash: `h${random.below(next + 4)}`,
        isChecked: random.below(2) === 0,
      };
    }
    case 2:
    case 3:
    case 4:
    case 5:
      return { type: 'staged', plugin, generation };
    case 6:
      return { type: 'stage-failed', plugin, generation, reason };
    case 7:
    case 8:
    case 9:
    case 10:
      return { type: 'probed', plugin, generation, isPassed: isGood, reason };
    case 11:
      return { type: 'checked', plugin, generation, isPassed: isGood, reason };
    case 12:
      return { type: 'called', plugin, generation, calls: 1 + random.below(12), failedCalls: isGood ? 0 : 1 };
    case 13:
      return {
        type: 'crashed',
        plugin,
        generation,
        signature: random.pick(['A', 'B', 'C']),
        readyMs: random.below(3_000),
      };
    case 14:
      return { type: 'drained', plugin, generation };
    case 15:
      return random.below(4) === 0
        ? { type: 'rollback', plugin, ...(random.below(2) === 0 ? {} : { to: generation }) }
        : { type: 'tick' };
    case 16:
      return { type: 'unquarantine', plugin, hash: `h${random.below(8)}` };
    case 17:
      return {
        type: 'boot',
        death: random.pick(['none', 'requested', 'unrequested', 'unrequested']),
        upMs: random.below(200_000),
        diedAt: now,
      };
    case 18:
      return random.below(3) === 0 ? { type: 'forbid', plugin, hash: `h${random.below(8)}`, reason } : { type: 'tick' };
    case 19:
      return random.below(3) === 0 ? { type: 'retire', plugin, reason } : { type: 'tick' };
    default:
      return { type: 'tick' };
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

test('no sequence of events breaks a rule: states, one current, no commit before its time, no quarantined build', (t) => {
  const random = createRandom();
  t.diagnostic(`seed ${random.seed}`);
  let commits = 0;
  let safeModes = 0;
  for (let run = 0; run < runs; run++) {
    const watcher = new Watcher();
    const trail: string[] = [];
    let history = emptyHistory;
    let now = 1_000_000;
    try {
      for (let count = 0; count < eventsInRun; count++) {
        now += random.below(random.below(10) === 0 ? 100_000 : 6_000);
        const event = randomEvent(random, watcher, now);
        trail.push(`${now} ${JSON.stringify(event)}`);
        watcher.before(event, now);
        const decision = decide(freeze(history), event, now);
        if (event.type === 'boot') {
          // The processes are gone with their host; what is not started again stays so.
          const onProbation = [...watcher.seen.values()].filter(({ state }) => state === 'probation').length;
          const isBlaming = decision.steps.some((step) => step.do === 'quarantine');
          if (event.death !== 'unrequested' || onProbation !== 1) assert.ok(!isBlaming, 'an innocent was quarantined');
        }
        for (const step of decision.steps) watcher.step(step, now);
        if (event.type === 'boot') adoptEnds(watcher, decision.history);
        history = decision.history;
        watcher.settled(history);
      }
    } catch (error) {
      throw new Error(`seed ${random.seed}, run ${run}:\n${trail.slice(-25).join('\n')}`, { cause: error });
    }
    commits += watcher.commits.length;
    safeModes += watcher.safeModes;
  }
  // The walk has to reach what it is about.
  assert.ok(commits > runs, `${commits} commits`);
  assert.ok(safeModes > 0);
});

/** At a boot whatever lived has ended; only the policy's starts begin a new life. */
function adoptEnds(watcher: Watcher, history: History): void {
  for (const plugin of Object.values(history.plugins)) {
    for (const one of plugin.generations) {
      const seen = watcher.of({ plugin: plugin.name, generation: one.generation });
      if (seen.state === one.state) continue;
      assert.equal(one.state, 'stopped', `${plugin.name}#${one.generation} became ${one.state} at a boot`);
      seen.state = 'stopped';
    }
  }
}

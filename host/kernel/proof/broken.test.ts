import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type BrokenKind, brokenKinds, brokenSource, faultLine, type Place } from './testing/broken-plugin.ts';
import { openFiles, processesOf, untilFiles, untilProcesses } from './testing/leftovers.ts';
import { callNeighbours, inlineNeighbour, type Neighbours } from './testing/neighbours.ts';
import { type ProofClaw, startProofClaw } from './testing/proof-claw.ts';

const limit = { timeout: 60_000 };
let claw: ProofClaw;
let neighbours: Neighbours;
let filesBefore: number;

before(async () => {
  claw = await startProofClaw({ shipped: [inlineNeighbour], ceilings: { '*': ['shell', 'fs.read:public'] } });
  neighbours = await callNeighbours(claw);
  filesBefore = openFiles();
});
after(() => claw[Symbol.asyncDispose]());

/** One plugin that is proven and says `old`, and what is made of it. */
class Subject {
  readonly name: string;
  readonly #kind: BrokenKind;

  constructor(kind: BrokenKind) {
    this.name = kind.name.toLowerCase().replaceAll(' ', '-');
    this.#kind = kind;
  }

  async begin(): Promise<void> {
    const { generation } = await this.#deploy('old', 'nowhere');
    await claw.reached(this.name, generation, 'committed');
  }

  /** `says` makes it another build: the same one would be held back by its hash. */
  break(place: Place, says = 'new') {
    return this.#deploy(says, place);
  }

  /** A good one that says something else. */
  replace(says: string) {
    return this.#deploy(says, 'nowhere');
  }

  say(isFault = false) {
    return claw.call(`${this.name.replaceAll('-', '_')}_say`, { fault: isFault });
  }

  /** The newest log of a generation names cause and place, and the news has told of it. */
  assertTold(generation: number): void {
    const { cause, isLocated = false } = this.#kind;
    const text = claw.failures(this.name, generation).at(-1)?.text ?? '';
    assert.match(text, cause);
    if (isLocated) assert.match(text, new RegExp(`data/plugins/${this.name}/index\\.ts:${faultLine}:\\d+`));
    const told = claw.news.filter((one) => one.plugin === this.name && one.generation === generation);
    assert.ok(
      told.some((one) => one.kind === 'told' && cause.test(one.text)),
      JSON.stringify(told),
    );
  }

  #deploy(says: string, place: Place) {
    const { code, manifest } = this.#kind;
    // What only fails by waiting is not waited for longer than it takes.
    const limits = { drainMs: 200, startMs: place === 'load' || place === 'setup' ? 1_500 : 10_000 };
    const own = (manifest?.limits ?? {}) as object;
    const source = brokenSource(this.name, says, place, place === 'nowhere' ? '' : code);
    return claw.deploy(this.name, source, { manifest: { ...manifest, limits: { ...limits, ...own } } });
  }
}

/** It never takes a call: whoever serves goes on. */
async function refused(subject: Subject, place: Place): Promise<void> {
  const { state, generation, problem } = await subject.break(place);
  assert.equal(state, 'rejected', problem ?? '');
  assert.deepEqual(claw.rows(subject.name, generation), ['built', 'rejected']);
  assert.equal(await subject.say(), 'old');
  subject.assertTold(generation);
}

async function undoneOnProbation(subject: Subject): Promise<void> {
  const { state, generation } = await subject.break('run');
  assert.equal(state, 'probation');
  const outcome = subject.say(true).then(String, (error) => error.code);
  await claw.reached(subject.name, generation, 'quarantined');
  // At once, not after a while.
  assert.equal(await subject.say(), 'old');
  assert.equal(await outcome, 'CALL_OUTCOME_UNKNOWN');
  assert.deepEqual(claw.rows(subject.name, generation), ['built', 'staged', 'probation', 'crashed', 'quarantined']);
  subject.assertTold(generation);
}

/** It starts again, twice; then the one before it comes back. */
async function endedWhenCommitted(subject: Subject): Promise<void> {
  const { generation } = await subject.break('run', 'newer');
  await claw.reached(subject.name, generation, 'committed');
  for (const isLast of [false, false, true]) {
    assert.equal(await subject.say(), 'newer');
    const isBack = claw.untilNews(
      (one) => one.plugin === subject.name && one.state === 'committed' && (one.generation !== generation) === isLast,
    );
    assert.equal(await subject.say(true).then(String, (error) => error.code), 'CALL_OUTCOME_UNKNOWN');
    await isBack;
  }
  assert.equal(await subject.say(), 'old');
  const again = ['built', 'staged', 'probation', 'committed', 'crashed'];
  assert.deepEqual(claw.rows(subject.name, generation), [...again, ...again, ...again, 'quarantined']);
  subject.assertTold(generation);
}

/** Its successor serves all the while. */
async function brokenWhileDraining(subject: Subject, ends: readonly string[]): Promise<void> {
  const { generation } = await subject.break('release');
  await claw.reached(subject.name, generation, 'committed');
  const next = await subject.replace('next');
  const saying = claw.reached(subject.name, next.generation, 'committed').then(() => subject.say());
  await claw.reached(subject.name, generation, 'stopped');
  assert.equal(await saying, 'next');
  const rows = claw.rows(subject.name, generation);
  assert.deepEqual(rows, ['built', 'staged', 'probation', 'committed', 'draining', ...ends]);
}

describe('a generation that is broken', { concurrency: 4 }, () => {
  for (const kind of brokenKinds) {
    test(`one that ${kind.name} is refused or undone wherever it happens`, limit, async () => {
      const subject = new Subject(kind);
      await subject.begin();
      for (const place of ['load', 'setup', 'probe'] as const)
        if (kind.except?.includes(place) !== true) await refused(subject, place);
      if (kind.how === 'dies') {
        await undoneOnProbation(subject);
        await endedWhenCommitted(subject);
      }
      await brokenWhileDraining(subject, kind.how === 'dies' ? ['crashed', 'stopped'] : ['stopped']);
      await claw.medic.retire(subject.name, 'the proof is over');
      await untilProcesses(subject.name, 0);
    });
  }
});

test('and of all that nothing is left, and no neighbour has noticed', limit, async () => {
  const { calls } = await neighbours.end();
  assert.ok(calls > 200);
  assert.equal(processesOf(null).length, 1, 'the neighbour that runs in a process');
  await untilFiles(filesBefore);
  assert.deepEqual(
    claw.kernel.plugins().map(({ name }) => name),
    ['inline-neighbour', 'process-neighbour'],
  );
});

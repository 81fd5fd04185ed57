import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import type { ServedRequest } from '@clay/sdk/wire';
import { systemClock } from '../../clock.ts';
import { type OpenScript, openLanes, script, tool } from './testing/open-lanes.ts';

const steps = 200;
const random = createRandom();

const body = `await ctx.store.get('executed');
if (args.how === 'exits') process.exit(1);
if (args.how === 'throws') throw new Error('on purpose');
if (args.how === 'forges') { fs.writeSync(4, Buffer.from('no frame')); await new Promise(() => {}); }
await ctx.store.get('waits');
return call.id;`;

const good = 'return "good";';

/** What became of a call: `done`, or the code of its error. */
interface Issued {
  readonly id: string;
  readonly outcome: Promise<string>;
}

test(`whatever is opened, called, closed, inspected and killed in any order, each call ends once and no death is told twice (seed ${random.seed})`, {
  timeout: 120_000,
}, async () => {
  await using lanes = openLanes({ limits: { scriptsPerLane: 3, suspectMs: 300, idleMs: 200 } });
  const executions = new Map<string, number>();
  const serve = async ({ args, parent }: ServedRequest) => {
    const id = parent?.call.id ?? 'nobody';
    if ((args as { key: string }).key === 'waits') await systemClock.sleep(random.below(40));
    else executions.set(id, (executions.get(id) ?? 0) + 1);
    return { value: {} };
  };
  const opened: OpenScript[] = [];
  const living = new Set<OpenScript>();
  const closed: OpenScript[] = [];
  const issued: Issued[] = [];
  const inspections: Promise<boolean>[] = [];

  const open = async () => {
    const one = await lanes.open('one', tool('one', body), { serve }).catch(() => null);
    // Its lane may have been killed while it was set up.
    if (one === null) return;
    opened.push(one);
    living.add(one);
    one.death().then(() => living.delete(one));
  };
  const call = (how: string) => {
    if (living.size === 0) return;
    const id = `issued-${issued.length}`;
    const outcome = random
      .pick([...living])
      .call('tool:one', { how }, { id, key: id })
      .then((value) => (value === id ? 'done' : `gave ${JSON.stringify(value)}`))
      .catch((error: { code: string }) => error.code);
    issued.push({ id, outcome });
  };
  const close = async () => {
    if (living.size === 0) return;
    const one = random.pick([...living]);
    living.delete(one);
    if (one.deaths.length > 0) return;
    closed.push(one);
    one.connection.close();
    await one.transport.ended();
    assert.deepEqual(one.deaths, []);
  };
  const kill = () => {
    const all = lanes.lanes.list();
    if (all.length > 0) process.kill(random.pick(all).pid, 'SIGKILL');
  };
  /** What ends its process is never found good; what is good may be hit by a kill. */
  const inspect = (source: string) => {
    const isBad = source !== good;
    const judged = lanes.lanes.inspect(script('x', source)).then(
      ({ isGood }) => !(isBad && isGood),
      (error: { code: string }) => error.code === 'UNAVAILABLE',
    );
    inspections.push(judged);
  };

  for (let step = 0; step < steps; step++) {
    switch (random.below(10)) {
      case 0:
      case 1:
        await open();
        break;
      case 2:
        await close();
        break;
      case 3:
        call(random.pick(['exits', 'throws', 'forges']));
        break;
      case 4:
        if (random.below(4) === 0) kill();
        break;
      case 5:
        if (random.below(4) === 0) inspect(random.pick([good, 'process.exit(1);']));
        break;
      default:
        call('works');
        await systemClock.sleep(random.below(10));
    }
  }

  const told = new Map<string, number>();
  for (const { id, outcome } of issued) {
    const how = await outcome;
    told.set(how, (told.get(how) ?? 0) + 1);
    const executed = executions.get(id) ?? 0;
    assert.ok(executed <= 1, `${id} was executed ${executed} times`);
    assert.ok(['done', 'INTERNAL', 'UNAVAILABLE', 'CALL_OUTCOME_UNKNOWN'].includes(how), `${id}: ${how}`);
    if (how === 'done' || how === 'INTERNAL') assert.equal(executed, 1, `${id}: ${how}`);
    // What was not accepted may be sent to another generation: it must not have run.
    if (how === 'UNAVAILABLE') assert.equal(executed, 0, `${id} ran, and was called not accepted`);
  }
  // A run in which nothing succeeds, or nothing dies, has tried nothing.
  for (const how of ['done', 'CALL_OUTCOME_UNKNOWN']) assert.ok(told.has(how), JSON.stringify([...told]));
  assert.ok((await Promise.all(inspections)).every(Boolean));
  for (const one of closed) assert.deepEqual(one.deaths, []);
  for (const one of opened) assert.ok(one.deaths.length <= 1);
  const last = await lanes.open('one', tool('one', 'return "as ever";'));
  assert.equal(await last.call(), 'as ever');
  assert.ok(lanes.lanes.list().length <= 5);
  assert.equal(readdirSync(lanes.children).length, lanes.lanes.list().length);
});

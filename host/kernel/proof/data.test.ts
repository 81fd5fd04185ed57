import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pluginSource, toolSource } from './testing/plugin-source.ts';
import { type ProofClaw, startProofClaw } from './testing/proof-claw.ts';

const limit = { timeout: 40_000 };

/** Adds to what it has noted; `clear` is what a bad one does. */
const notes = (says: string, more = '') =>
  pluginSource(
    'notes',
    `ctx.store.migrations([{ id: '1', sql: 'CREATE TABLE notes (text TEXT)' }]);
     ${toolSource(
       'notes',
       `if (args.add) await ctx.store.sql('INSERT INTO notes VALUES (?)', [args.add]);
        if (args.clear) await ctx.store.sql('DELETE FROM notes');
        await ctx.store.set('says', '${says}');
        return (await ctx.store.sql<{ text: string }>('SELECT text FROM notes')).rows.map(({ text }) => text);`,
     )} ${more}`,
  );
const manifest = { tables: ['notes'] };

async function startNotes(): Promise<ProofClaw> {
  const claw = await startProofClaw();
  try {
    await claw.deploy('notes', notes('old'), { manifest });
    await claw.reached('notes', 1, 'committed');
    await claw.call('notes', { add: 'kept' });
    return claw;
  } catch (error) {
    await claw[Symbol.asyncDispose]();
    throw error;
  }
}

const copyOf = (claw: ProofClaw, generation: number) =>
  join(claw.root, 'data', 'generations', 'notes', `${generation}.data.db`);

describe('the data of a plugin', { concurrency: 3 }, () => {
  test('a generation that deletes its own data is taken back with the data as it was at the flip', limit, async () => {
    await using claw = await startNotes();
    const { generation } = await claw.deploy('notes', notes('bad'), { manifest });
    assert.ok(existsSync(copyOf(claw, generation)));
    assert.deepEqual(await claw.call('notes', { clear: true }), []);
    const { generation: back } = await claw.medic.rollback('notes', { data: true });
    assert.equal(back, 1);
    assert.deepEqual(await claw.call('notes'), ['kept']);
    await claw.reached('notes', generation, 'stopped');
  });

  test('without being asked a rollback leaves the data alone', limit, async () => {
    await using claw = await startNotes();
    await claw.deploy('notes', notes('new'), { manifest });
    await claw.call('notes', { add: 'more' });
    await claw.medic.rollback('notes');
    assert.deepEqual(await claw.call('notes'), ['kept', 'more']);
  });

  test('the copy goes with the commit, and then there is nothing to put back', limit, async () => {
    await using claw = await startNotes();
    const { generation } = await claw.deploy('notes', notes('new'), { manifest });
    await claw.call('notes', { add: 'more' });
    await claw.reached('notes', generation, 'committed');
    assert.ok(!existsSync(copyOf(claw, generation)));
    await assert.rejects(claw.medic.rollback('notes', { data: true }), {
      code: 'NOT_FOUND',
      message: /from the swap to the commit/,
    });
    assert.deepEqual(await claw.call('notes'), ['kept', 'more']);
    assert.equal(claw.medic.generations('notes').find((one) => one.isCurrent)?.generation, generation);
  });

  test('a rollback that is not possible puts no data back', limit, async () => {
    await using claw = await startProofClaw();
    await claw.deploy('notes', notes('first'), { manifest });
    await claw.call('notes', { add: 'written' });
    await assert.rejects(claw.medic.rollback('notes', { data: true }), { code: 'CONFLICT' });
    assert.deepEqual(await claw.call('notes'), ['written']);
  });

  test('after a generation has undone itself by a crash, its data can still be put back', limit, async () => {
    await using claw = await startNotes();
    const dying = notes('dying', toolSource('die', `await ctx.store.sql('DELETE FROM notes'); process.exit(1);`));
    const { generation } = await claw.deploy('notes', dying, { manifest });
    await assert.rejects(claw.call('die'), { code: 'CALL_OUTCOME_UNKNOWN' });
    await claw.reached('notes', generation, 'quarantined');
    assert.deepEqual(await claw.call('notes'), []);
    assert.ok(existsSync(copyOf(claw, generation)), 'for a person who wants it');
  });

  test('the data goes back as far as the code, over every generation that was tried in between', limit, async () => {
    for (const [to, expected] of [
      [2, ['kept', 'by the second']],
      [1, ['kept']],
    ] as const) {
      await using claw = await startNotes();
      await claw.deploy('notes', notes('second'), { manifest });
      await claw.call('notes', { add: 'by the second' });
      await claw.deploy('notes', notes('third'), { manifest });
      await claw.call('notes', { clear: true });
      assert.equal((await claw.medic.rollback('notes', { data: true, to })).generation, to);
      assert.deepEqual(await claw.call('notes'), expected);
    }
  });
});

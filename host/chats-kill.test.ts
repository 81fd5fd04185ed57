import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import { findComponent, skipWithout } from '../plugins/matterbridge/testing/component.ts';
import { runKillTrial, type TrialReport } from './testing/chats/kill-trial.ts';

const matterbridge = findComponent('matterbridge', 'MATTERBRIDGE_BIN');
const openssl = findComponent('openssl', 'OPENSSL');

/** `CLAY_TURNS=200` is the long trial; by itself every step comes about once. */
const wanted = process.env.CLAY_TURNS === undefined ? null : Number(process.env.CLAY_TURNS);
const timeout = wanted === null ? 240_000 : 3_600_000;

const tellOf = (report: TrialReport) => {
  const { kills, seconds, said, accepted, flagged, neverRan, torn, lostBefore, doubledBefore, lostAfter } = report;
  const missed = kills.filter(({ isReached }) => !isReached).length;
  return [
    `${said} messages, ${accepted} accepted, ${kills.length} kills (${missed} at no step) in ${seconds.toFixed(0)} s`,
    `${flagged} parts flagged as possible duplicates, ${torn.length} empty places, ${neverRan.length} tool calls of unknown outcome`,
    `by the connector: ${lostBefore.length} lost and ${doubledBefore.length} doubled before acceptance, ${lostAfter.length} lost after it took them`,
  ].join('; ');
};

/** The law, whatever dies: nothing accepted is lost, nothing is done twice, and what may have come twice is known. */
function holdToLaw(report: TrialReport): void {
  assert.deepEqual(report.lost, []);
  assert.deepEqual(report.ranTwice, []);
  assert.deepEqual(report.doubledUnflagged, []);
  assert.deepEqual(report.violations, []);
  // Chats speak side by side, so that one death may leave several parts in doubt, and most leave none.
  assert.ok(report.flagged <= report.kills.length, `${report.flagged} parts in doubt`);
}

describe('a whole claw whose parts are killed at every step of its turns, in many chats at once', { timeout }, () => {
  test('with the direct connector: also nothing is lost on the way in, and no content comes twice', async (t) => {
    const turns = wanted ?? 60;
    const report = await runKillTrial({
      connector: 'telegram',
      turns,
      kills: Math.ceil(turns / 3),
      random: createRandom(),
    });
    t.diagnostic(tellOf(report));
    holdToLaw(report);
    assert.deepEqual(report.lostBefore, []);
    assert.deepEqual(report.doubledBefore, []);
    assert.deepEqual(report.doubled, []);
    // A place that was sent, and whose id nobody kept.
    assert.deepEqual(
      report.torn.filter((text) => !text.endsWith(': …')),
      [],
    );
  });

  test('with the real matterbridge: what it loses is counted, and all else is kept', {
    skip: skipWithout(matterbridge, openssl),
  }, async (t) => {
    const turns = wanted ?? 24;
    const report = await runKillTrial({
      connector: 'matterbridge',
      turns,
      kills: Math.ceil(turns / 3),
      random: createRandom(),
      program: matterbridge.path,
    });
    t.diagnostic(tellOf(report));
    holdToLaw(report);
    assert.ok(report.accepted > 0);
    assert.deepEqual(report.torn, []);
  });
});

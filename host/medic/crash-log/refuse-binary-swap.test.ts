import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFakeClock } from '@clay/sdk/testing';
import { refuseBinarySwap } from './refuse-binary-swap.ts';

const clock = createFakeClock(Date.UTC(2026, 0, 2, 15, 4, 5));

function builds(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'clay-builds-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a program that was left to be swapped in is set aside, and what replaces it is told', (t) => {
  const folder = builds(t);
  writeFileSync(join(folder, 'clay.new'), '\u007fELF', { mode: 0o755 });
  const refused = refuseBinarySwap(folder, clock);
  assert.deepEqual(readdirSync(folder), ['clay.new.refused-2026-01-02T15-04-05']);
  assert.equal(refused?.file, join(folder, 'clay.new.refused-2026-01-02T15-04-05'));
  assert.match(
    refused.message,
    /clay\.new was found.*set aside as .*refused-.*was not run.*data\/extensions.*build_and_deploy.*new image/,
  );
  assert.equal(refuseBinarySwap(folder, clock), null, 'once');
});

test('a link to nowhere and a folder are refused as well, and without one nothing happens', (t) => {
  const folder = builds(t);
  assert.equal(refuseBinarySwap(join(folder, 'absent'), clock), null);
  assert.equal(refuseBinarySwap(folder, clock), null);
  symlinkSync('/nowhere', join(folder, 'clay.new'));
  assert.match(refuseBinarySwap(folder, clock)?.message ?? '', /set aside/);
  mkdirSync(join(folder, 'clay.new'));
  // The name that it would get is taken by a link, so that it cannot be moved.
  const refused = refuseBinarySwap(folder, clock);
  assert.match(refused?.message ?? '', /left where it is \(.+\) and was not run/);
  assert.ok(existsSync(refused?.file ?? ''));
});

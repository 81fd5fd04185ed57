import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFakeClock } from '@clay/sdk/testing';
import type { PreflightReport } from '../preflight/report.ts';
import { lockVolume } from '../store/volume-lock.ts';
import { hasTaken, parseStandby, type StandbyOptions, standBy } from './standby.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const report: PreflightReport = {
  ...{ event: 'preflight', ok: true, version: '1', ms: 1, checks: [], warnings: [], pendingMigrations: [] },
};
const folder = mkdtempSync(join(tmpdir(), 'clay-standby-'));
after(() => rmSync(folder, { recursive: true }));

function setUp(name: string, more: Partial<StandbyOptions> = {}) {
  const data = join(folder, name);
  mkdirSync(data);
  const clock = createFakeClock();
  const told: object[] = [];
  const { promise: waits, resolve } = Promise.withResolvers<void>();
  const options: StandbyOptions = {
    ...{ id: name, data, host: '127.0.0.1', port: 0, clock, log: silent, signal: new AbortController().signal },
    preflight: async () => report,
    tell: (line) => {
      told.push(line);
      if ('state' in line && line.state === 'waiting') resolve();
    },
    ...more,
  };
  return { data, clock, told, waits, options };
}

test('a volume that nobody holds is taken at once, and its marker tells by whom', async () => {
  const { data, options, told } = setUp('fresh');
  assert.equal(await standBy(options), 'taken');
  assert.deepEqual(told.at(-1), { event: 'standby', state: 'taking', wasUnclean: false });
  assert.deepEqual([hasTaken(data, 'fresh'), hasTaken(data, 'other')], [true, false]);
});

test('a volume that is held is waited for, and taken when it is let go', async () => {
  const { data, clock, options, waits } = setUp('held');
  const lock = lockVolume(data, clock);
  const end = standBy(options);
  await waits;
  await clock.advance(60_000);
  assert.ok(!existsSync(join(data, 'medic')));
  lock.release();
  await clock.advance(1_000);
  assert.equal(await end, 'taken');
});

test('a volume whose host was killed is taken only when it has stayed free for ten seconds', async () => {
  const { data, clock, options, told, waits } = setUp('left');
  lockVolume(data, clock).release();
  writeFileSync(join(data, 'host.running.json'), '{"pid":1}');
  const end = standBy(options);
  await waits;
  await clock.advance(5_000);
  // Its medic has started it again.
  const again = lockVolume(data, clock);
  await clock.advance(60_000);
  assert.ok(!existsSync(join(data, 'medic')));
  again.release();
  writeFileSync(join(data, 'host.running.json'), '{"pid":1}');
  await clock.advance(9_000);
  assert.ok(!existsSync(join(data, 'medic')));
  await clock.advance(2_000);
  assert.equal(await end, 'taken');
  assert.deepEqual(told.at(-1), { event: 'standby', state: 'taking', wasUnclean: true });
});

test('one whose preflight fails never looks at the lock', async () => {
  const { data, options } = setUp('failed', { preflight: async () => ({ ...report, ok: false }) });
  assert.equal(await standBy(options), 'failed');
  assert.ok(!existsSync(join(data, 'medic')));
});

test('CLAY_STANDBY is "wait", with an id or without; anything else is refused', () => {
  assert.equal(parseStandby(undefined, 'host'), null);
  assert.equal(parseStandby('', 'host'), null);
  assert.equal(parseStandby('wait', 'host'), 'host');
  assert.equal(parseStandby('wait:p-1.2_3', 'host'), 'p-1.2_3');
  for (const text of ['1', 'wait:', 'wait:a b', `wait:${'x'.repeat(65)}`])
    assert.throws(() => parseStandby(text, 'host'), /CLAY_STANDBY is/);
});

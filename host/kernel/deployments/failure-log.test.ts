import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { createFakeClock } from '@clay/sdk/testing';
import { createCrashLog } from '../../medic/crash-log/crash-log.ts';
import { type Line, listLog } from '../testing/kernel-fixture.ts';
import { FailureLog } from './failure-log.ts';
import { createVolume, type Volume } from './testing/volume.ts';

function open(volume: Volume) {
  const lines: Line[] = [];
  const clock = createFakeClock();
  const crashLog = createCrashLog({
    folder: join(volume.root, 'failures'),
    hide: (text) => text.replaceAll('s3cret', '[redacted]'),
    clock,
  });
  const failures = new FailureLog({
    crashLog,
    log: listLog(lines),
    serving: (plugin) => `Generation 1 of ${plugin} serves.`,
  });
  const offer = () => failures.section().run({}, { session: null } as never);
  return { failures, crashLog, lines, offer };
}

const bad = (message: string) => new ClayError('BAD_ARGUMENTS', message, { output: `index.ts:1:1: ${message}` });

test('what went wrong is offered once, also by the next host', () => {
  using volume = createVolume();
  const first = open(volume);
  assert.equal(first.offer(), null);
  first.failures.refused('rates', bad('it does not build'));
  const second = open(volume);
  assert.match(
    String(second.offer()),
    /^Since you were last here.*\n- it does not build \(data\/build-failures\/\S+_rates_build\.log\)$/s,
  );
  assert.equal(second.offer(), null);
  assert.equal(open(volume).offer(), null);
});

test('of many failures the newest five are shown and the others counted, and none is offered again', () => {
  using volume = createVolume();
  const { failures, offer } = open(volume);
  for (let number = 1; number <= 8; number++) failures.refused('rates', bad(`failure ${number}`));
  const lines = String(offer()).split('\n');
  assert.equal(lines.length, 7);
  assert.match(lines[1] ?? '', /failure 4 /);
  assert.equal(lines.at(-1), '- and 3 older ones');
  assert.equal(offer(), null);
});

test('the same error is written once, however many hear of it; secrets are not', () => {
  using volume = createVolume();
  const { failures, crashLog } = open(volume);
  const error = bad('the key s3cret is wrong');
  failures.refused('rates', error);
  failures.refused('rates', error);
  const [{ id } = assert.fail(), ...others] = crashLog.list();
  assert.equal(others.length, 0);
  assert.doesNotMatch(crashLog.read(id) ?? '', /s3cret/);
});

test('a crash is told with its place, its output, what serves and what to do', () => {
  using volume = createVolume();
  const { failures, crashLog } = open(volume);
  failures.incident({
    plugin: 'rates',
    generation: 2,
    hash: 'abc',
    category: 'crash',
    message: 'It threw.',
    location: 'index.ts:7:9',
    death: {
      code: 'INTERNAL',
      message: 'It threw.',
      signature: 'x',
      location: null,
      livedMs: 1,
      isBlamed: true,
      fault: null,
      details: { output: 'the last line', signal: 'SIGABRT', exitCode: null },
    },
    session: null,
  });
  const text = crashLog.read(crashLog.list()[0]?.id ?? '') ?? '';
  for (const part of [
    /Generation: 2/,
    /Where: index\.ts:7:9/,
    /the last line/,
    /signal: SIGABRT/,
    /Generation 1 of rates serves/,
    /deploy again/,
  ])
    assert.match(text, part);
});

test('a saved script that serves is no failure, and one that was refused is one', () => {
  using volume = createVolume();
  const { failures, offer } = open(volume);
  const report = { name: 'hello', generation: null, state: 'refused', session: null } as const;
  failures.saved({ ...report, isGood: true, text: 'It is good.' } as never);
  assert.equal(offer(), null);
  failures.saved({ ...report, isGood: false, text: 'hello.star:1:1: no\nand more' } as never);
  assert.match(String(offer()), /hello\.star:1:1: no/);
});

test('a disk that takes no log stops nobody, and is told', () => {
  using volume = createVolume();
  volume.write({ failures: 'a file' });
  const { failures, lines } = open(volume);
  failures.refused('rates', bad('it does not build'));
  assert.deepEqual(
    lines.map(({ event, plugin }) => [event, plugin]),
    [['failure.log.failed', 'rates']],
  );
});

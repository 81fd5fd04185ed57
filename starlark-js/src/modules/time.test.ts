import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getAttribute } from '../builtins/attribute.ts';
import { useServices } from '../builtins/services.ts';
import { add, div, floorDiv, mul, sub } from '../value/arithmetic.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { equals, lessThan } from '../value/compare.ts';
import { repr } from '../value/repr.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import { timeModule } from './time.ts';

const unit = (name: string): Value => timeModule.getAttribute(name)!;

function call(name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const member = timeModule.getAttribute(name);
  assert.ok(member instanceof Builtin);
  return member.call(positional, named);
}

function shows(v: Value, expected: string): void {
  assert.equal(repr(v), expected);
}

/** `v.name(…)`. */
function callMethod(v: Value, name: string, positional: Value[], named: NamedArgument[] = []): Value {
  const method = getAttribute(v, name);
  assert.ok(method instanceof StarlarkCallable);
  return method.call(positional, named);
}

describe('durations', () => {
  test("are read and written in Go's form", () => {
    for (const [text, shown] of [
      ['1h30m', '1h30m0s'],
      ['1.5s', '1.5s'],
      ['-2us', '-2µs'],
      ['100ms', '100ms'],
      ['90s', '1m30s'],
      ['0', '0s'],
      ['1500ns', '1.5µs'],
      ['.5h', '30m0s'],
    ])
      shows(call('parse_duration', [text!]), shown!);
    assert.throws(() => call('parse_duration', ['abc']), {
      message: 'parse_duration: for parameter 1: time: invalid duration "abc"',
    });
    assert.throws(() => call('parse_duration', ['1h30']), { message: /invalid duration "1h30"/ });
  });

  test('calculate with each other and with numbers', () => {
    shows(add(unit('hour'), unit('minute')), '1h1m0s');
    shows(mul(2, unit('hour')), '2h0m0s');
    shows(div(unit('hour'), unit('minute')), '60.0');
    shows(floorDiv(unit('hour'), unit('minute')), '60');
    shows(div(unit('hour'), 0.5), '2h0m0s');
    assert.ok(lessThan(unit('second'), unit('minute')));
    assert.throws(() => mul(unit('hour'), 1.5), { message: 'unknown binary op: time.duration * float' });
    assert.throws(() => mul(unit('hour'), 10n ** 20n), { code: 'OVERFLOW' });
    assert.throws(() => div(unit('hour'), 0), { code: 'ZERO_DIVISION' });
  });
});

describe('times', () => {
  const moment = (): Value => call('from_timestamp', [1_700_000_000, 5]);

  test('show the clock of their zone', () => {
    shows(moment(), '2023-11-14 22:13:20.000000005 +0000 UTC');
    shows(callMethod(moment(), 'in_location', ['Europe/Berlin']), '2023-11-14 23:13:20.000000005 +0100 CET');
    shows(callMethod(moment(), 'in_location', ['US/Eastern']), '2023-11-14 17:13:20.000000005 -0500 EST');
    assert.throws(() => callMethod(moment(), 'in_location', ['Nowhere/X']), { message: 'unknown time zone Nowhere/X' });
    assert.equal(call('is_valid_timezone', ['Europe/Berlin']), true);
    assert.equal(call('is_valid_timezone', ['x']), false);
  });

  test('are written in layouts of Go', () => {
    const text = (layout: string): Value => callMethod(moment(), 'format', [layout]);
    assert.equal(text('2006-01-02T15:04:05Z07:00'), '2023-11-14T22:13:20Z');
    assert.equal(text('Monday, 02-Jan-06 3:04PM .000 -0700'), 'Tuesday, 14-Nov-23 10:13PM .000 +0000');
    assert.equal(text('Mon Jan _2 002 15:04:05.999999999'), 'Tue Nov 14 318 22:13:20.000000005');
  });

  test('are read in layouts of Go', () => {
    shows(call('parse_time', ['2021-03-22T23:20:50.52Z']), '2021-03-22 23:20:50.52 +0000 UTC');
    shows(call('parse_time', ['2021-03-22T23:20:50+02:00']), '2021-03-22 23:20:50 +0200 +0200');
    shows(
      call('parse_time', ['2021-03-22 23:20', '2006-01-02 15:04', 'Europe/Berlin']),
      '2021-03-22 23:20:00 +0100 CET',
    );
    shows(call('parse_time', ['Nov 5, 2023 at 7:30am', 'Jan 2, 2006 at 3:04pm']), '2023-11-05 07:30:00 +0000 UTC');
    assert.throws(() => call('parse_time', ['xx']), {
      message: 'parsing time "xx" as "2006-01-02T15:04:05Z07:00": cannot parse "xx" as "2006"',
    });
    assert.throws(() => call('parse_time', ['2026-01-31 07:05', '%Y-%m-%d %H:%M']), {
      notes: ['A layout shows how the time 2006-01-02 15:04:05 is written, as in Go: write "2006-01-02 15:04".'],
    });
    assert.throws(() => call('parse_time', ['2021-02-30T00:00:00Z']), { message: /day out of range/ });
  });

  test('are made of parts, which may exceed their range', () => {
    shows(
      call(
        'time',
        [],
        [
          ['year', 2020],
          ['month', 2],
          ['day', 30],
          ['hour', 25],
        ],
      ),
      '2020-03-02 01:00:00 +0000 UTC',
    );
    shows(
      call(
        'time',
        [],
        [
          ['year', 2020],
          ['month', 7],
          ['day', 1],
          ['location', 'Europe/Berlin'],
        ],
      ),
      '2020-07-01 00:00:00 +0200 CEST',
    );
    assert.throws(() => call('time', [2020]), { message: 'time: unexpected positional arguments' });
    assert.throws(() => call('time', [], [['year', 10 ** 9]]), { code: 'OVERFLOW' });
  });

  test('calculate with durations and with each other', () => {
    shows(add(moment(), unit('hour')), '2023-11-14 23:13:20.000000005 +0000 UTC');
    shows(sub(moment(), call('from_timestamp', [1_600_000_000])), '27777h46m40.000000005s');
    assert.ok(equals(moment(), callMethod(moment(), 'in_location', ['Asia/Tokyo'])));
  });

  test("take the present from the host's clock", () => {
    const before = useServices({ print: () => {}, now: () => 5n * 10n ** 9n, regex: null });
    try {
      shows(call('now', []), '1970-01-01 00:00:05 +0000 UTC');
    } finally {
      useServices(before);
    }
    assert.throws(() => call('now', []), { code: 'HOST' });
  });
});

import { expectString } from '../builtins/arguments.ts';
import { type MethodTable, methodTable, routine } from '../builtins/method-table.ts';
import { BoundMethod } from '../value/builtin.ts';
import { holds } from '../value/compare.ts';
import { hashBigInt } from '../value/hash-number.ts';
import { normalizeInt } from '../value/integer.ts';
import { type BinaryOperator, type Relation, StarlarkObject } from '../value/object.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import type { Value } from '../value/value.ts';
import { Duration, SECOND } from './duration.ts';
import { formatLayout } from './layout.ts';
import { type WallClock, wallClock } from './wall-clock.ts';
import { findZone, type Zone } from './zone.ts';

/** A moment in nanoseconds since 1970, and the zone whose clocks it is told by. */
export class Moment extends StarlarkObject {
  readonly nanoseconds: bigint;
  readonly zone: Zone;
  #wall: WallClock | null = null;

  constructor(nanoseconds: bigint, zone: Zone) {
    super();
    this.nanoseconds = nanoseconds;
    this.zone = zone;
  }

  get type(): string {
    return 'time.time';
  }

  get wall(): WallClock {
    this.#wall ??= wallClock(this.nanoseconds, this.zone);
    return this.#wall;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(formatLayout(this.wall, '2006-01-02 15:04:05.999999999 -0700 MST'));
  }

  override equalTo(other: Moment): boolean {
    return this.nanoseconds === other.nanoseconds;
  }

  override relate(relation: Relation, other: Moment): boolean {
    return holds(relation, Number(this.nanoseconds - other.nanoseconds));
  }

  override hash(): number {
    return hashBigInt(this.nanoseconds);
  }

  override binary(operator: BinaryOperator, other: Value, isLeft: boolean): Value | undefined {
    if (other instanceof Duration) {
      if (operator === '+') return new Moment(this.nanoseconds + other.nanoseconds, this.zone);
      return operator === '-' && isLeft ? new Moment(this.nanoseconds - other.nanoseconds, this.zone) : undefined;
    }
    if (operator === '-' && isLeft && other instanceof Moment)
      return new Duration(this.nanoseconds - other.nanoseconds);
    return undefined;
  }

  override attributeNames(): readonly string[] {
    return [...methods.keys(), 'day', 'hour', 'minute', 'month', 'nanosecond', 'second', 'unix', 'unix_nano', 'year'];
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'year':
      case 'month':
      case 'day':
      case 'hour':
      case 'minute':
      case 'second':
      case 'nanosecond':
        return this.wall[name];
      case 'unix':
        return normalizeInt(floorSeconds(this.nanoseconds));
      case 'unix_nano':
        return normalizeInt(this.nanoseconds);
      default: {
        const method = methods.get(name);
        return method === undefined ? undefined : new BoundMethod(this, method, this.type);
      }
    }
  }
}

export function floorSeconds(nanoseconds: bigint): bigint {
  const whole = nanoseconds / SECOND;
  return nanoseconds % SECOND < 0n ? whole - 1n : whole;
}

function format(moment: Moment, layout: Value): string {
  return formatLayout(moment.wall, expectString('format', 1, layout));
}

function inLocation(moment: Moment, location: Value): Moment {
  return new Moment(moment.nanoseconds, findZone(expectString('in_location', 1, location)));
}

const methods: MethodTable = methodTable([
  routine('format(layout: str, /) -> str', 1, 1, format, 'The time in a layout of Go, such as "2006-01-02 15:04".'),
  routine(
    'in_location(location: str, /) -> time.time',
    1,
    1,
    inLocation,
    'The same moment as clocks elsewhere tell it.',
  ),
]);

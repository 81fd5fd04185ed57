import { StarlarkError } from '../errors.ts';
import { holds } from '../value/compare.ts';
import { floatValue, isFloat, isInt, makeFloat } from '../value/float.ts';
import { hashBigInt } from '../value/hash-number.ts';
import { normalizeInt } from '../value/integer.ts';
import { type BinaryOperator, type Relation, StarlarkObject } from '../value/object.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import { fromUnicode } from '../value/string-unit.ts';
import type { Value } from '../value/value.ts';
import { formatDuration } from './duration-text.ts';

export const SECOND = 1_000_000_000n;
const MOST = 2n ** 63n - 1n;

/** A span of time in nanoseconds, within 64 bits: about 292 years either way. */
export class Duration extends StarlarkObject {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    if (nanoseconds > MOST || nanoseconds < -MOST - 1n)
      throw new StarlarkError('OVERFLOW', 'time.duration out of range', ['A duration is at most about 292 years.']);
    this.nanoseconds = nanoseconds;
  }

  get type(): string {
    return 'time.duration';
  }

  override truth(): boolean {
    return this.nanoseconds !== 0n;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(fromUnicode(formatDuration(this.nanoseconds)));
  }

  override equalTo(other: Duration): boolean {
    return this.nanoseconds === other.nanoseconds;
  }

  override relate(relation: Relation, other: Duration): boolean {
    return holds(relation, Number(this.nanoseconds - other.nanoseconds));
  }

  override hash(): number {
    return hashBigInt(this.nanoseconds);
  }

  override attributeNames(): readonly string[] {
    return ['hours', 'microseconds', 'milliseconds', 'minutes', 'nanoseconds', 'seconds'];
  }

  override getAttribute(name: string): Value | undefined {
    const { nanoseconds } = this;
    switch (name) {
      case 'hours':
        return makeFloat(Number(nanoseconds) / 3.6e12);
      case 'minutes':
        return makeFloat(Number(nanoseconds) / 6e10);
      case 'seconds':
        return makeFloat(Number(nanoseconds) / 1e9);
      case 'milliseconds':
        return normalizeInt(nanoseconds / 1_000_000n);
      case 'microseconds':
        return normalizeInt(nanoseconds / 1000n);
      case 'nanoseconds':
        return normalizeInt(nanoseconds);
      default:
        return undefined;
    }
  }

  override binary(operator: BinaryOperator, other: Value, isLeft: boolean): Value | undefined {
    if (operator === '*' && isInt(other)) return new Duration(this.nanoseconds * BigInt(other));
    if (!isLeft) return undefined;
    if (other instanceof Duration) return combine(operator, this.nanoseconds, other.nanoseconds);
    if (operator !== '/' || !(isInt(other) || isFloat(other))) return undefined;
    if (floatValue(other) === 0) throw divisionByZero();
    if (isInt(other)) return new Duration(this.nanoseconds / BigInt(other));
    return new Duration(BigInt(Math.trunc(Number(this.nanoseconds) / floatValue(other))));
  }
}

function combine(operator: BinaryOperator, a: bigint, b: bigint): Value | undefined {
  if (operator === '+') return new Duration(a + b);
  if (operator === '-') return new Duration(a - b);
  if (operator !== '/' && operator !== '//') return undefined;
  if (b === 0n) throw divisionByZero();
  return operator === '/' ? makeFloat(Number(a) / Number(b)) : normalizeInt(a / b);
}

function divisionByZero(): StarlarkError {
  return new StarlarkError('ZERO_DIVISION', 'time.duration division by zero');
}

import { StarlarkError } from '../errors.ts';
import { StarlarkObject } from './object.ts';
import type { ReprWriter } from './repr-writer.ts';
import type { Value } from './value.ts';

/** An arithmetic progression that is never stored. All its numbers are safe integers. */
export class StarlarkRange extends StarlarkObject {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly count: number;

  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    const span = step > 0 ? stop - start : start - stop;
    this.count = span <= 0 ? 0 : Math.floor((span - 1) / Math.abs(step)) + 1;
  }

  get type(): string {
    return 'range';
  }

  override truth(): boolean {
    return this.count > 0;
  }

  override length(): number {
    return this.count;
  }

  at(index: number): number {
    return this.start + index * this.step;
  }

  has(x: number): boolean {
    if (this.count === 0) return false;
    const last = this.at(this.count - 1);
    const inside = this.step > 0 ? x >= this.start && x <= last : x <= this.start && x >= last;
    return inside && (x - this.start) % this.step === 0;
  }

  override *iterate(): Iterable<Value> {
    const { start, step, count } = this;
    for (let i = 0, x = start; i < count; i++, x += step) yield x;
  }

  override writeRepr(out: ReprWriter): void {
    const { start, stop, step } = this;
    if (step !== 1) out.text(`range(${start}, ${stop}, ${step})`);
    else if (start !== 0) out.text(`range(${start}, ${stop})`);
    else out.text(`range(${stop})`);
  }

  override equalTo(other: StarlarkRange): boolean {
    if (this.count !== other.count) return false;
    if (this.count === 0) return true;
    return this.start === other.start && (this.count === 1 || this.step === other.step);
  }

  override hash(): number {
    throw new StarlarkError('UNHASHABLE', 'unhashable: range');
  }
}

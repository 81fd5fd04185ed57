import { StarlarkObject } from './object.ts';
import type { ReprWriter } from './repr-writer.ts';
import type { Value } from './value.ts';

/**
 * A named collection of values, such as `json`.
 *
 * @example
 * ```ts
 * new StarlarkModule('limits', new Map([['retries', 3]]));
 * ```
 */
export class StarlarkModule extends StarlarkObject {
  readonly name: string;
  readonly members: ReadonlyMap<string, Value>;

  constructor(name: string, members: ReadonlyMap<string, Value>) {
    super();
    this.name = name;
    this.members = members;
  }

  get type(): string {
    return 'module';
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`<module "${this.name}">`);
  }

  override freeze(pending: Value[]): void {
    for (const member of this.members.values()) pending.push(member);
  }

  override getAttribute(name: string): Value | undefined {
    return this.members.get(name);
  }

  override attributeNames(): readonly string[] {
    return [...this.members.keys()];
  }

  override hasValueKey(): boolean {
    return false;
  }
}

import { type MethodTable, methodTable, routine } from '../builtins/method-table.ts';
import { StarlarkError } from '../errors.ts';
import { BoundMethod } from '../value/builtin.ts';
import { StarlarkDict } from '../value/dict.ts';
import { isInt } from '../value/float.ts';
import { StarlarkObject } from '../value/object.ts';
import { quoteString } from '../value/quote.ts';
import { shortRepr } from '../value/repr.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import { StarlarkTuple } from '../value/tuple.ts';
import type { Value } from '../value/value.ts';

/** Where a pattern must match: anywhere, from the start, or over the whole text. */
export type Anchor = 'none' | 'start' | 'both';

/** Start and end of the match, then of each group; -1 for a group that took no part. */
export type Span = readonly number[];

/** What `re.search` and its like give. */
export class Match extends StarlarkObject {
  readonly text: string;
  readonly span: Span;
  readonly names: ReadonlyMap<number, string>;

  constructor(text: string, span: Span, names: ReadonlyMap<number, string>) {
    super();
    this.text = text;
    this.span = span;
    this.names = names;
  }

  get type(): string {
    return 're.match';
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`<re.match ${quoteString(this.groupText(0) ?? '')} at ${this.span[0]}>`);
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'string') return this.text;
    const method = matchMethods.get(name);
    return method === undefined ? undefined : new BoundMethod(this, method, this.type);
  }

  override attributeNames(): readonly string[] {
    return ['string', ...matchMethods.keys()];
  }

  override getIndex(index: Value): Value {
    return this.groupText(this.groupNumber(index));
  }

  /** The text of a group, None when it took no part. */
  groupText(group: number): string | null {
    const start = this.span[2 * group]!;
    return start < 0 ? null : this.text.slice(start, this.span[2 * group + 1]);
  }

  get groupCount(): number {
    return this.span.length / 2 - 1;
  }

  /** The number that a number or name means. */
  groupNumber(group: Value): number {
    if (isInt(group) && group >= 0 && group <= this.groupCount) return Number(group);
    for (const [number, name] of this.names) if (name === group) return number;
    throw new StarlarkError('INDEX', `re: no such group: ${shortRepr(group)}`, [
      `The pattern has ${this.groupCount} groups${this.names.size > 0 ? `, named ${[...this.names.values()].join(', ')}` : ''}.`,
    ]);
  }
}

function group(match: Match, groups: readonly Value[]): Value {
  if (groups.length === 0) return match.groupText(0);
  const texts = groups.map((each) => match.groupText(match.groupNumber(each)));
  return texts.length === 1 ? texts[0]! : new StarlarkTuple(texts);
}

function groups(match: Match, otherwise: Value = null): StarlarkTuple {
  return new StarlarkTuple(Array.from({ length: match.groupCount }, (_, i) => match.groupText(i + 1) ?? otherwise));
}

function groupdict(match: Match, otherwise: Value = null): StarlarkDict {
  const result = new StarlarkDict();
  for (const [number, name] of match.names) result.set(name, match.groupText(number) ?? otherwise);
  return result;
}

function start(match: Match, which: Value = 0): number {
  return match.span[2 * match.groupNumber(which)]!;
}

function end(match: Match, which: Value = 0): number {
  return match.span[2 * match.groupNumber(which) + 1]!;
}

function span(match: Match, which: Value = 0): StarlarkTuple {
  return new StarlarkTuple([start(match, which), end(match, which)]);
}

const matchMethods: MethodTable = methodTable([
  routine('group(*groups) -> str | None', 0, -1, group, 'The text of the match, or of groups by number or name.'),
  routine('groups(default=None, /) -> tuple', 0, 1, groups, 'The texts of all groups.'),
  routine('groupdict(default=None, /) -> dict', 0, 1, groupdict, 'The texts of named groups by name.'),
  routine('start(group=0, /) -> int', 0, 1, start, 'Where the match or a group begins, -1 if it took no part.'),
  routine('end(group=0, /) -> int', 0, 1, end, 'Where the match or a group ends, -1 if it took no part.'),
  routine('span(group=0, /) -> tuple[int, int]', 0, 1, span, 'Start and end.'),
]);

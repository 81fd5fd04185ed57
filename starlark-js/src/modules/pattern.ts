import { type CompiledPattern, services } from '../builtins/services.ts';
import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { BoundMethod } from '../value/builtin.ts';
import { StarlarkObject } from '../value/object.ts';
import { quoteString } from '../value/quote.ts';
import type { ReprWriter } from '../value/repr-writer.ts';
import type { Value } from '../value/value.ts';
import type { Anchor, Span } from './match.ts';
import { patternMethods } from './pattern-methods.ts';

const LONGEST_PATTERN = 10_000;
const CACHED = 128;
const cache: Map<string, Pattern> = new Map();

/** A compiled regular expression. */
export class Pattern extends StarlarkObject {
  readonly source: string;
  readonly #free: CompiledPattern;
  readonly #anchored: Map<Anchor, CompiledPattern> = new Map();

  constructor(source: string) {
    super();
    this.source = source;
    this.#free = compileWithHost(source, source);
  }

  get type(): string {
    return 're.pattern';
  }

  get groupCount(): number {
    return this.#free.groupCount;
  }

  get groupNames(): ReadonlyMap<number, string> {
    return this.#free.groupNames;
  }

  override writeRepr(out: ReprWriter): void {
    out.text(`re.compile(${quoteString(this.source)})`);
  }

  override equalTo(other: Pattern): boolean {
    return this.source === other.source;
  }

  override hasValueKey(): boolean {
    return false;
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'pattern') return this.source;
    const method = patternMethods.get(name);
    return method === undefined ? undefined : new BoundMethod(this, method, this.type);
  }

  override attributeNames(): readonly string[] {
    return ['pattern', ...patternMethods.keys()];
  }

  /** The first match at or after `start`. */
  find(text: string, start: number, anchor: Anchor): Span | null {
    tick(1 + ((text.length - start) >> 2));
    const span = this.#program(anchor).match(text, start);
    if (span !== null) charge(64 + span.length * 8);
    return span;
  }

  /** All matches from left to right, without overlap; an empty one is followed by the next character. */
  *findAll(text: string): Generator<Span> {
    let at = 0;
    while (at <= text.length) {
      const span = this.find(text, at, 'none');
      if (span === null) return;
      yield span;
      const [start, end] = span as [number, number];
      at = end > start ? end : end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
    }
  }

  #program(anchor: Anchor): CompiledPattern {
    if (anchor === 'none') return this.#free;
    let program = this.#anchored.get(anchor);
    if (program === undefined) {
      program = compileWithHost(anchor === 'start' ? `\\A(?:${this.source})` : `\\A(?:${this.source})\\z`, this.source);
      this.#anchored.set(anchor, program);
    }
    return program;
  }
}

/** The pattern of a source text; the last ones used are remembered. */
export function compilePattern(source: string): Pattern {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const pattern = new Pattern(source);
  if (cache.size >= CACHED) cache.clear();
  cache.set(source, pattern);
  return pattern;
}

function compileWithHost(source: string, shown: string): CompiledPattern {
  const { regex } = services();
  if (regex === null)
    throw new StarlarkError('REGEX', 're: the host gave no regular expression engine', [
      'Pass one to the thread, such as re2js; the package brings none, to stay without dependencies.',
    ]);
  if (source.length > LONGEST_PATTERN)
    throw new StarlarkError('REGEX', `re: pattern of ${source.length} characters is too long`, [
      `The limit is ${LONGEST_PATTERN}.`,
    ]);
  tick(source.length);
  try {
    return regex.compile(source);
  } catch (error) {
    if (error instanceof StarlarkError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StarlarkError(
      'REGEX',
      `re: invalid pattern ${quoteString(shown.slice(0, 100))}: ${reason}`,
      ['Patterns are in RE2 syntax: no backreferences and no look-around.'],
      { cause: error },
    );
  }
}

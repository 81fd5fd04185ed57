import type { Dialect } from './dialect.ts';
import type { ParseResult } from './parse.ts';
import type { Source } from './source.ts';

export class Parser {
  readonly source: Source;
  readonly dialect: Dialect;

  constructor(source: Source, dialect: Dialect) {
    this.source = source;
    this.dialect = dialect;
  }

  parse(): ParseResult {
    throw new Error(`parser of ${this.source.name} is being written`);
  }
}

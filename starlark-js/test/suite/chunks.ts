/** One program of a chunk file: the text between two `---` lines. */
export interface Chunk {
  readonly source: string;
  /** 1-based line of the chunk's first line in its file. */
  readonly line: number;
  readonly expectations: readonly Expectation[];
}

/** `code ### text` or `code ### go: text`: an error is expected, here or anywhere in the chunk. */
export interface Expectation {
  readonly text: string;
  /** 1-based line inside the chunk. */
  readonly line: number;
}

const EXPECTATION = /^(.*?) *### *(?:(go|java|rust):)? *(.*)$/;

/** Splits a chunk file as the public suite's own runner does. Expectations of other implementations are dropped. */
export function parseChunks(text: string, implementation: 'go' | 'java' | 'rust' = 'go'): Chunk[] {
  const chunks: Chunk[] = [];
  let code: string[] = [];
  let expectations: Expectation[] = [];
  let start = 1;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    if (line === '---') {
      chunks.push({ source: code.join('\n'), line: start, expectations });
      code = [];
      expectations = [];
      start = index + 2;
      continue;
    }
    const match = EXPECTATION.exec(line);
    code.push(match ? match[1]! : line);
    if (match && (match[2] === undefined || match[2] === implementation)) {
      expectations.push({ text: match[3]!, line: code.length });
    }
  }
  chunks.push({ source: code.join('\n'), line: start, expectations });
  return chunks;
}

/** The suite's rule: the expected text, lower-cased, is a part of the message or matches it as a pattern. */
export function matches(expected: string, message: string): boolean {
  const wanted = expected.toLowerCase();
  const got = message.toLowerCase();
  return got.includes(wanted) || new RegExp(wanted, 'm').test(got);
}

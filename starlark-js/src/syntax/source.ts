const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A place in a source; both count from 1, and a column is a UTF-16 unit. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * A program's text and its name. A line ends at `\n`, `\r\n` or a lone `\r`, and nowhere else: U+2028 does not end one.
 *
 * @example
 * const source = new Source('greet.star', 'x = 1\ny = 2\n');
 * source.position(6); // { line: 2, column: 1 }
 * source.lineText(2); // 'y = 2'
 */
export class Source {
  readonly name: string;
  readonly text: string;
  #lineStarts: readonly number[] | null = null;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** The line and column of an offset; an offset outside the text is moved to its nearer end. */
  position(offset: number): Position {
    const starts = this.#starts();
    const wanted = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: wanted - (starts[low] ?? 0) + 1 };
  }

  /** The offset of a line's first character; lines outside the text give its nearer end. */
  lineStart(line: number): number {
    if (line < 1) return 0;
    return this.#starts()[line - 1] ?? this.text.length;
  }

  /** A line without its terminator; empty outside the text. */
  lineText(line: number): string {
    const starts = this.#starts();
    const start = starts[line - 1];
    if (start === undefined) return '';
    let end = starts[line] ?? this.text.length;
    if (end > start && this.text.charCodeAt(end - 1) === LINE_FEED) end--;
    if (end > start && this.text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
    return this.text.slice(start, end);
  }

  get lineCount(): number {
    return this.#starts().length;
  }

  #starts(): readonly number[] {
    if (this.#lineStarts !== null) return this.#lineStarts;
    const starts = [0];
    const { text } = this;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === LINE_FEED || (code === CARRIAGE_RETURN && text.charCodeAt(index + 1) !== LINE_FEED)) {
        starts.push(index + 1);
      }
    }
    this.#lineStarts = starts;
    return starts;
  }
}

/**
 * Generated code carries no positions at run time. While it is written, a mark stands before everything that can
 * fail; the finished text has the marks removed and their offsets kept, and an error finds its place by the offset
 * that V8 reports for each frame.
 */
import type { Span } from '../syntax/ast.ts';

const MARK = '\u0001';
const DIGITS = 4;
const BASE = 64;
const FIRST = 0x30;

/** Two digits, least first, for each number below `BASE ** 2`. */
const pairs: readonly string[] = Array.from({ length: BASE ** 2 }, (_, id) =>
  String.fromCharCode(FIRST + (id % BASE), FIRST + Math.floor(id / BASE)),
);

/** What a mark stands for: a range of the source and, for the call of a built-in, its name. */
export interface Mark extends Span {
  readonly callee: string | null;
}

/** Which span of the source each offset of the generated code belongs to. */
export class PositionTable {
  readonly #offsets: Uint32Array;
  readonly #spans: readonly Mark[];

  constructor(offsets: Uint32Array, spans: readonly Mark[]) {
    this.#offsets = offsets;
    this.#spans = spans;
  }

  /** The span of the last mark at or before `offset`. */
  find(offset: number): Mark | null {
    const offsets = this.#offsets;
    let low = 0;
    let high = offsets.length - 1;
    if (high < 0 || offset < offsets[0]!) return null;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsets[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#spans[low]!;
  }
}

/** Hands out marks and takes them out again. */
export class Marker {
  readonly #spans: Mark[] = [];

  /** Text to put directly before the called name. */
  mark(start: number, end: number, callee: string | null = null): string {
    const id = this.#spans.length;
    this.#spans.push({ start, end, callee });
    return MARK + pairs[id % pairs.length] + pairs[Math.floor(id / pairs.length)];
  }

  finish(marked: string): { readonly code: string; readonly positions: PositionTable } {
    const pieces = marked.split(MARK);
    const offsets = new Uint32Array(pieces.length - 1);
    const spans: Mark[] = [];
    const kept = [pieces[0]!];
    let length = pieces[0]!.length;
    for (let index = 1; index < pieces.length; index++) {
      const piece = pieces[index]!;
      let id = 0;
      for (let digit = DIGITS - 1; digit >= 0; digit--) id = id * BASE + piece.charCodeAt(digit) - FIRST;
      offsets[index - 1] = length;
      spans.push(this.#spans[id]!);
      kept.push(piece.slice(DIGITS));
      length += piece.length - DIGITS;
    }
    return { code: kept.join(''), positions: new PositionTable(offsets, spans) };
  }
}

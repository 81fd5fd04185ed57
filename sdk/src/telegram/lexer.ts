import { lexer, type Token } from 'marked';

export type { Token };
/** A cell of a table: what stands in it, as inline tokens. */
export interface Cell {
  readonly tokens: readonly Token[];
}

/** Reads Markdown (GitHub's, as models write it). Throws a RangeError when it is nested deeper than the stack. */
export function readMarkdown(markdown: string): readonly Token[] {
  return lexer(markdown, { gfm: true, breaks: false });
}

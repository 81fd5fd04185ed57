import type { Comment } from '../syntax/ast.ts';

export const INDENT = 4;

/**
 * The text being written, and the comments still to be placed in it. Every piece of code is written together with its
 * offset in the source; comments that stand before that offset are written first, so that none is lost or moved past code.
 */
export class Printer {
  readonly text: string;
  readonly #comments: readonly Comment[];
  #next = 0;
  #done = '';
  #line = '';
  #endsWithComment = false;
  #hasPendingBlank = false;
  /** Columns at which the next line begins. */
  indent = 0;
  /** Brackets around the current place: only inside them a line may be broken. */
  depth = 0;

  constructor(text: string, comments: readonly Comment[]) {
    this.text = text;
    this.#comments = comments;
  }

  /** Writes code that has no place of its own in the source, such as a space. */
  write(text: string): void {
    if (this.#endsWithComment) {
      this.newline();
      this.#append(text.trimStart());
    } else this.#append(text);
  }

  /** Writes code that stands at `offset` in the source, after the comments before it. */
  token(text: string, offset: number): void {
    this.flush(offset);
    this.write(text);
  }

  /** Ends the line, unless nothing is on it. */
  newline(): void {
    if (this.#line.trim() === '') {
      this.#line = '';
      return;
    }
    this.#done += `${this.#line.trimEnd()}\n`;
    this.#line = '';
    this.#endsWithComment = false;
  }

  /** Leaves one blank line before what comes next. */
  blank(): void {
    this.newline();
    this.#hasPendingBlank = this.#done !== '';
  }

  /** The comments that stand before `offset` and are not written yet. */
  *pending(offset: number): Iterable<Comment> {
    for (let index = this.#next; index < this.#comments.length; index++) {
      const comment = this.#comments[index];
      if (comment === undefined || comment.start >= offset) return;
      yield comment;
    }
  }

  hasPending(offset: number): boolean {
    const comment = this.#comments[this.#next];
    return comment !== undefined && comment.start < offset;
  }

  /** Writes every comment that stands before `offset`. */
  flush(offset: number): void {
    for (;;) {
      const comment = this.#comments[this.#next];
      if (comment === undefined || comment.start >= offset) return;
      if (comment.ownLine) this.ownLineComment(comment);
      else this.#suffix(comment);
    }
  }

  /** Writes the comments that follow code on its line and stand before `offset`. */
  flushSuffixes(offset: number): void {
    for (;;) {
      const comment = this.#comments[this.#next];
      if (comment === undefined || comment.start >= offset || comment.ownLine) return;
      this.#suffix(comment);
    }
  }

  /** Writes the next comment on a line of its own. */
  ownLineComment(comment: Comment): void {
    this.#next++;
    this.newline();
    this.#append(comment.text.trimEnd());
    this.#endsWithComment = true;
  }

  #suffix(comment: Comment): void {
    this.#next++;
    if (this.#endsWithComment) this.newline();
    this.#line = this.#line.trimEnd();
    this.#append(this.#line === '' ? comment.text.trimEnd() : `  ${comment.text.trimEnd()}`);
    this.#endsWithComment = true;
  }

  #append(text: string): void {
    if (this.#line === '') {
      if (this.#hasPendingBlank) this.#done += '\n';
      this.#hasPendingBlank = false;
      this.#line = ' '.repeat(this.indent);
    }
    this.#line += text;
  }

  /** The whole text; comments that are left follow the last line. */
  finish(): string {
    this.flush(Number.POSITIVE_INFINITY);
    this.newline();
    return this.#done;
  }
}

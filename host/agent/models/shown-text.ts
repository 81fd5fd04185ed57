import type { Part } from '../event-json.ts';

/**
 * What a person has already been shown of an answer. When an answer is cut and asked for again, its beginning is not shown
 * twice; where the new answer differs, showing stops, and the whole answer at the end replaces what was shown.
 */
export class ShownText {
  readonly #texts = { thought: new ShownStream(), answer: new ShownStream() };

  beginAttempt(): void {
    this.#texts.thought.rewind();
    this.#texts.answer.rewind();
  }

  /** The part of this piece that is new, if any. */
  next(part: Part): Part | undefined {
    const fresh = this.#texts[part.thought ? 'thought' : 'answer'].next(part.text ?? '');
    return fresh === '' ? undefined : { ...part, text: fresh };
  }
}

class ShownStream {
  #shown = '';
  #position = 0;
  #hasDiverged = false;

  rewind(): void {
    this.#position = 0;
    this.#hasDiverged = false;
  }

  next(piece: string): string {
    const known = this.#shown.slice(this.#position, this.#position + piece.length);
    this.#hasDiverged ||= !piece.startsWith(known);
    if (this.#hasDiverged) return '';
    const fresh = piece.slice(known.length);
    this.#position += piece.length;
    this.#shown += fresh;
    return fresh;
  }
}

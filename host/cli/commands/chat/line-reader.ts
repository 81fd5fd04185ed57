import type { Interface } from 'node:readline';

/** The lines of a person, one by one. What is typed while nobody reads waits for the next reading. */
export class LineReader {
  readonly #lines: Interface;
  readonly #typed: string[] = [];
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(lines: Interface) {
    this.#lines = lines;
    lines.on('line', (line) => {
      this.#typed.push(line.trim());
      this.#wake?.();
    });
    lines.on('close', () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  /**
   * Prompts, and resolves to the next line; null at the end of the input, or when Ctrl-C meets an empty line. Ctrl-C on a
   * line that is not empty clears it.
   */
  async next(): Promise<string | null> {
    const onInterrupt = (): void => {
      if (this.#lines.line === '') {
        this.#lines.close();
        return;
      }
      this.#lines.write(null, { ctrl: true, name: 'e' });
      this.#lines.write(null, { ctrl: true, name: 'u' });
    };
    this.#lines.on('SIGINT', onInterrupt);
    if (!this.#isClosed && this.#typed.length === 0) this.#lines.prompt();
    while (this.#typed.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#wake = null;
    this.#lines.off('SIGINT', onInterrupt);
    return this.#typed.shift() ?? null;
  }
}

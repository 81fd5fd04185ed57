import type { ModelResponse } from '../model.ts';

/** The tokens of one answer. Providers differ in which event carries which count; the greatest stated one holds. */
export class Tokens {
  #input = 0;
  #output = 0;
  #cacheRead = 0;
  #cacheWrite = 0;

  count(usage: object | null | undefined): void {
    const stated = (usage ?? {}) as Readonly<Record<string, unknown>>;
    const greatest = (name: string, known: number) => {
      const value = stated[name];
      return typeof value === 'number' && value > known ? value : known;
    };
    this.#input = greatest('input_tokens', this.#input);
    this.#output = greatest('output_tokens', this.#output);
    this.#cacheRead = greatest('cache_read_input_tokens', this.#cacheRead);
    this.#cacheWrite = greatest('cache_creation_input_tokens', this.#cacheWrite);
  }

  get isEmpty(): boolean {
    return this.#input + this.#output + this.#cacheRead + this.#cacheWrite === 0;
  }

  stated(): Required<Pick<ModelResponse, 'usage' | 'cacheWriteTokens'>> {
    const prompt = this.#input + this.#cacheRead + this.#cacheWrite;
    return {
      usage: {
        promptTokenCount: prompt,
        candidatesTokenCount: this.#output,
        totalTokenCount: prompt + this.#output,
        cachedContentTokenCount: this.#cacheRead,
      },
      cacheWriteTokens: this.#cacheWrite,
    };
  }
}

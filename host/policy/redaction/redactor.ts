import { Matcher } from './matcher.ts';
import { secretForms } from './secret-forms.ts';

export const redactedText = '[redacted]';
/** What is remembered of what holds no secret. */
const maxHarmlessChars = 1_000_000;

/** Takes the values of secrets out of whatever leaves the host's hands: logs, rows, results, what the model sees. */
export class Redactor {
  readonly #forms = new Set<string>();
  #matcher: Matcher | null = null;
  /** Of the forms, in characters. */
  #shortest = Number.POSITIVE_INFINITY;
  /** Looked through before: a conversation goes to the model again with every step of it. */
  readonly #harmless = new Set<string>();
  #harmlessChars = 0;

  constructor(secrets: Iterable<string | null | undefined> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** From now on it is taken out. Values of less than eight characters are not: they would blank out ordinary words. */
  add(secret: string | null | undefined): void {
    const known = this.#forms.size;
    // A value of several lines, such as a PEM file, is printed line by line.
    const lines = (secret ?? '').includes('\n') ? (secret ?? '').split('\n') : [];
    for (const value of [secret ?? '', ...lines.filter(isPayload)])
      for (const form of secretForms(value.trim())) this.#forms.add(form);
    if (this.#forms.size === known) return;
    this.#matcher = new Matcher([...this.#forms]);
    this.#shortest = Math.min(...[...this.#forms].map((form) => form.length));
    this.#forget();
  }

  text(text: string): string {
    if (text.length < this.#shortest || this.#harmless.has(text)) return text;
    const matcher = this.#matcher;
    let match = matcher?.find(text);
    if (!match) return this.#remember(text);
    let clean = '';
    let from = 0;
    for (; match; match = matcher?.find(text, from)) {
      clean += text.slice(from, match.start) + redactedText;
      from = match.end;
    }
    return clean + text.slice(from);
  }

  /** The same value when there is nothing to take out of it. */
  json<T>(value: T): T {
    return (this.#matcher === null ? value : this.#clean(value)) as T;
  }

  #clean(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    // Nearly always there is nothing to take out: only then a copy is worth its price.
    if (Array.isArray(value))
      return value.every((item) => this.#clean(item) === item) ? value : value.map((item) => this.#clean(item));
    for (const name of Object.keys(value)) {
      const member = (value as Readonly<Record<string, unknown>>)[name];
      if (this.text(name) === name && this.#clean(member) === member) continue;
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [this.text(key), this.#clean(one)]));
    }
    return value;
  }

  #remember(text: string): string {
    this.#harmlessChars += text.length;
    if (this.#harmlessChars > maxHarmlessChars) this.#forget();
    this.#harmless.add(text);
    return text;
  }

  #forget(): void {
    this.#harmless.clear();
    this.#harmlessChars = 0;
  }
}

/** Not the frame of a PEM file, which stands in every other one too. */
function isPayload(line: string): boolean {
  return !line.startsWith('-----');
}

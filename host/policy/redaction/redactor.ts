import { Matcher } from './matcher.ts';
import { secretForms } from './secret-forms.ts';

export const redactedText = '[redacted]';

/** Takes the values of secrets out of whatever leaves the host's hands: logs, rows, results, what the model sees. */
export class Redactor {
  readonly #forms = new Set<string>();
  #matcher: Matcher | null = null;

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
    if (this.#forms.size > known) this.#matcher = new Matcher([...this.#forms]);
  }

  text(text: string): string {
    const matcher = this.#matcher;
    let match = matcher?.find(text);
    if (!match) return text;
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
    if (Array.isArray(value)) {
      const cleaned = value.map((item) => this.#clean(item));
      return cleaned.some((item, index) => item !== value[index]) ? cleaned : value;
    }
    let hasChanged = false;
    const entries = Object.entries(value).map(([name, member]): [string, unknown] => {
      const [cleanName, clean] = [this.text(name), this.#clean(member)];
      hasChanged ||= cleanName !== name || clean !== member;
      return [cleanName, clean];
    });
    return hasChanged ? Object.fromEntries(entries) : value;
  }
}

/** Not the frame of a PEM file, which stands in every other one too. */
function isPayload(line: string): boolean {
  return !line.startsWith('-----');
}

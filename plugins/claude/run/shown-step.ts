import type { Json, JsonObject, StreamEvent } from '@clay/sdk';
import type { Step } from './step.ts';

/** Characters of an argument or a result that are shown: a file that is written whole is not for a chat. */
const shownArgumentChars = 500;
const shownResultChars = 2000;

/** Turns what the program tells into what the person sees, and keeps what was written. */
export class ShownSteps {
  /** Answers whose text came in pieces. */
  readonly #streamed = new Set<string>();
  readonly #names = new Map<string, string>();
  #written = '';

  /** All text so far, for a run that does not come to its end. */
  get written(): string {
    return this.#written.trim();
  }

  /** Whether a tool of the program is at work. */
  get isBusy(): boolean {
    return this.#names.size > 0;
  }

  *show(step: Step): Generator<StreamEvent> {
    switch (step.type) {
      case 'text':
        this.#streamed.add(step.message);
        yield* this.#text(step.text);
        return;
      case 'whole_text':
        if (!this.#streamed.has(step.message)) yield* this.#text(step.text);
        return;
      case 'thought':
        if (step.text !== '') yield { type: 'thought', text: step.text };
        return;
      case 'tool_call': {
        const { id, name, args } = step;
        if (this.#names.has(id)) return;
        this.#names.set(id, name);
        // What is written next is a paragraph of its own.
        if (this.#written !== '' && !this.#written.endsWith('\n')) yield* this.#text('\n\n');
        yield { type: 'tool_call', id, name, args: shorten(args) };
        return;
      }
      case 'tool_result': {
        const { id, text, isError } = step;
        const name = this.#names.get(id);
        if (name === undefined) return;
        this.#names.delete(id);
        const shown = cut(text, shownResultChars);
        yield { type: 'tool_result', id, name, result: isError ? { error: shown } : { output: shown } };
        return;
      }
      case 'began':
      case 'retry':
      case 'usage':
      case 'result':
        return;
    }
  }

  /** Results of the tools that were cut off, so that none stays open. */
  *close(reason: string): Generator<StreamEvent> {
    for (const [id, name] of this.#names) yield { type: 'tool_result', id, name, result: { error: reason } };
    this.#names.clear();
  }

  *#text(text: string): Generator<StreamEvent> {
    if (text === '') return;
    this.#written += text;
    yield { type: 'text', text };
  }
}

/** What a tool is about to do, in one short line. */
export function describeCall(name: string, args: JsonObject): string {
  const { description, command, file_path: file, pattern, url } = args;
  const what = [description, command, file, pattern, url].find((value) => typeof value === 'string' && value !== '');
  return what === undefined ? name : `${name}: ${cut(String(what).replace(/\s+/g, ' '), 120)}`;
}

function shorten(args: JsonObject): JsonObject {
  const entries = Object.entries(args).map(([name, value]): [string, Json] => [
    name,
    typeof value === 'string' ? cut(value, shownArgumentChars) : cutJson(value),
  ]);
  return Object.fromEntries(entries);
}

function cutJson(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= shownArgumentChars ? value : cut(text, shownArgumentChars);
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length).toWellFormed()} [… ${text.length - length} more characters]`;
}

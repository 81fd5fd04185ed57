import type { EventName, JsonObject } from '@clay/sdk';
import { defaultDialect, freeze, StarlarkError, StarlarkFunction, type Thread, type Value } from 'starlark-js';
import { allowLists, allowProblem } from './allow-entry.ts';
import { cronProblem } from './cron-text.ts';
import { eventNames, isEventName } from './events.ts';
import { describeFunction, type Signature } from './tool-schema.ts';

export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  readonly signature: Signature;
  readonly fn: StarlarkFunction;
}

export interface ScheduleDeclaration {
  readonly name: string;
  readonly cron: string;
  readonly fn: StarlarkFunction;
}

export interface EventDeclaration {
  readonly event: EventName;
  readonly fn: StarlarkFunction;
}

export interface PromptDeclaration {
  readonly name: string;
  readonly content: string | StarlarkFunction;
}

const toolName = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;
const plainName = /^[a-z][a-zA-Z0-9_.-]{0,63}$/;
const noSignature: Signature = { summary: '', parameters: {} as JsonObject, floats: new Set() };

/**
 * What a file declares while it is loaded. What is wrong with a declaration is kept and told with all the rest, so that an
 * author hears everything at once.
 */
export class Declarations {
  readonly tools: ToolDeclaration[] = [];
  readonly schedules: ScheduleDeclaration[] = [];
  readonly events: EventDeclaration[] = [];
  readonly prompts: PromptDeclaration[] = [];
  readonly problems: StarlarkError[] = [];
  #permissions: string[] | null = null;
  readonly #thread: Thread;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  /** Null when the file never called `allow`. */
  get permissions(): readonly string[] | null {
    return this.#permissions;
  }

  get isEmpty(): boolean {
    const { tools, schedules, events, prompts, problems } = this;
    const all = [tools, schedules, events, prompts, problems];
    return this.#permissions === null && all.every((each) => each.length === 0);
  }

  tool(value: Value, name: string | null, description: string | null): void {
    const fn = this.#function('tool', value);
    if (fn === null) return;
    this.addTool(fn, name ?? fn.name, description, 'tool');
  }

  addTool(fn: StarlarkFunction, name: string, description: string | null, by: string): void {
    // One that is reached by no global may hold variables of its own: they too are the same for all calls.
    freeze(fn);
    if (!toolName.test(name))
      this.#problem(
        `${by}: the name ${JSON.stringify(name)} is none: letters, digits, _ and -, at most 64, a letter or _ first`,
        ['Give one with tool(fn, name = "...").'],
      );
    if (this.tools.some((tool) => tool.name === name))
      this.#problem(`${by}: there is a tool ${JSON.stringify(name)} in this file already`);
    let signature = noSignature;
    try {
      signature = describeFunction(fn);
    } catch (error) {
      if (!(error instanceof StarlarkError)) throw error;
      this.#problem(`${by}: ${error.message}`, error.notes);
    }
    this.tools.push({ name, description: description ?? signature.summary, signature, fn });
  }

  schedule(cron: string, value: Value, name: string | null): void {
    const fn = this.#handler('schedule', value, 0);
    const wrong = cronProblem(cron);
    if (wrong !== null) this.#problem(`schedule: ${wrong}`);
    if (fn === null) return;
    const wanted = name ?? (plainName.test(fn.name) ? fn.name : `schedule-${this.schedules.length + 1}`);
    const isTaken = this.schedules.some((each) => each.name === wanted);
    if (name !== null && !plainName.test(name))
      this.#problem(
        `schedule: the name ${JSON.stringify(name)} is none: a small letter, then letters, digits, _, . and -`,
      );
    if (name !== null && isTaken) this.#problem(`schedule: there is a schedule ${JSON.stringify(name)} already`);
    this.schedules.push({ name: isTaken ? `${wanted}-${this.schedules.length + 1}` : wanted, cron, fn });
  }

  on(event: string, value: Value): void {
    const fn = this.#handler('on', value, 1);
    if (!isEventName(event))
      this.#problem(`on: there is no event ${JSON.stringify(event)}; there are ${eventNames.join(', ')}`);
    else if (fn !== null) this.events.push({ event, fn });
  }

  prompt(content: Value): void {
    const name = `prompt-${this.prompts.length + 1}`;
    if (typeof content === 'string') {
      if (content.trim() === '') this.#problem('prompt: the text is empty');
      this.prompts.push({ name, content });
      return;
    }
    const fn = this.#handler('prompt', content, 1);
    if (fn !== null) this.prompts.push({ name, content: fn });
  }

  allow(given: Readonly<Record<string, readonly Value[]>>): void {
    this.#permissions ??= [];
    for (const [list, entries] of Object.entries(given)) {
      for (const entry of entries) {
        if (typeof entry !== 'string') {
          this.#problem(`allow: ${list} must be a list of texts`);
          continue;
        }
        const permission = allowLists[list]!(entry);
        const problem = allowProblem(list, entry);
        if (problem !== null) this.#problem(`allow: ${problem}`);
        else if (!this.#permissions.includes(permission)) this.#permissions.push(permission);
      }
    }
  }

  #function(by: string, value: Value): StarlarkFunction | null {
    if (value instanceof StarlarkFunction) return value;
    this.#problem(`${by}: needs a function of this file, such as the name of a def`);
    return null;
  }

  /** A function that takes at most so many arguments, and needs no more. */
  #handler(by: string, value: Value, most: number): StarlarkFunction | null {
    const fn = this.#function(by, value);
    if (fn === null) return null;
    freeze(fn);
    const needed = fn.code.parameters.filter(
      ({ kind, default: value }) => kind !== 'args' && kind !== 'kwargs' && value === null,
    );
    if (needed.length > most || needed.some(({ kind }) => kind === 'keyword'))
      this.#problem(
        `${by}: ${fn.name} is called with ${most === 0 ? 'no argument' : 'at most one argument'}, and needs ${needed.map(({ name }) => name).join(', ')}`,
      );
    return fn;
  }

  /** Keeps an error with the place in the file where it came up. */
  #problem(message: string, notes: readonly string[] = []): void {
    const error = new StarlarkError('VALUE', message, notes);
    try {
      this.#thread.execute(defaultDialect, () => {
        throw error;
      });
    } catch {
      this.problems.push(error);
    }
  }
}

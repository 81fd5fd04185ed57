import { createHash } from 'node:crypto';
import { compileFunction } from 'node:vm';
import { type Listing, register } from './backtrace.ts';
import { universe } from './builtins/universe.ts';
import { checkFile } from './check/check.ts';
import { analyse } from './compile/analysis.ts';
import { describe, docstringOf } from './compile/describe.ts';
import type { FunctionInfo } from './compile/function-code.ts';
import { hostKnowledge } from './compile/host-knowledge.ts';
import { ProgramWriter } from './compile/program-writer.ts';
import type { Surroundings } from './compile/runtime/loading.ts';
import { runtime } from './compile/runtime/table.ts';
import { driveSync, type Running } from './compile/suspension.ts';
import type { Diagnostic } from './diagnostic.ts';
import { StarlarkError } from './errors.ts';
import { Module } from './module.ts';
import type { Resolution } from './resolve/binding.ts';
import { nameHint } from './resolve/name-hints.ts';
import { resolve } from './resolve/resolve.ts';
import { createDialect, type Dialect } from './syntax/dialect.ts';
import { parse } from './syntax/parse.ts';
import { Source } from './syntax/source.ts';
import type { Thread } from './thread.ts';
import { freeze } from './value/freeze.ts';
import type { Value } from './value/value.ts';

export interface CompileOptions {
  /** The name in messages; default `<input>`. */
  readonly file?: string;
  /** Switches that differ from `defaultDialect`. */
  readonly dialect?: Partial<Dialect>;
  /** Values that the file finds by name, such as functions of the host. Each run may bring others of the same names. */
  readonly predeclared?: Readonly<Record<string, Value>> | ReadonlyMap<string, Value>;
}

export interface CompileResult {
  /** Everything found before running, in order of appearance. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null when a diagnostic is an error. */
  readonly program: Program | null;
}

export interface RunOptions {
  /** Replaces values of the same names that the program was compiled with. */
  readonly predeclared?: Readonly<Record<string, Value>> | ReadonlyMap<string, Value>;
  /** Gives the module that a `load` statement names; only `runAsync` takes a promise. */
  readonly load?: (module: string, thread: Thread) => Module | PromiseLike<Module>;
  /** Makes the predeclared values immutable before the run and the globals after it; default true. */
  readonly freeze?: boolean;
}

interface Instance {
  top(): unknown;
  globals(): (Value | undefined)[];
}

type Factory = (predeclared: readonly Value[], surroundings: Surroundings) => Instance;

/**
 * Compiles a file: parses it, finds the meaning of its names, and prepares it for running any number of times.
 *
 * @example
 * const { program, diagnostics } = compile('greeting = "hello, " + name\n', { predeclared: { name: 'world' } });
 * program!.run(new Thread()).get('greeting'); // 'hello, world'
 */
export function compile(text: string, options: CompileOptions = {}): CompileResult {
  const { diagnostics, resolution, source, dialect, predeclared } = read(text, options);
  if (resolution === null || diagnostics.some(isError)) return { diagnostics, program: null };
  return { diagnostics, program: new Program(source, dialect, resolution, predeclared) };
}

/**
 * Finds everything that is wrong with a file, without running it: what `compile` finds, and what the types, the
 * calls and the order of assignments tell. Errors are certain to fail when they are reached; warnings may.
 *
 * @example
 * check('def f(a, b):\n    return a + b\n\nf(1)\n')[0]!.message; // 'function f missing 1 argument (b)'
 */
export function check(text: string, options: CompileOptions = {}): readonly Diagnostic[] {
  const { diagnostics, resolution, source, dialect, predeclared } = read(text, options);
  if (resolution === null) return diagnostics;
  const found = checkFile(resolution, source, dialect, predeclared);
  return [...diagnostics, ...found].sort((a, b) => a.start - b.start);
}

/** Everything up to the meaning of names; with a syntax error there is no meaning to look for. */
function read(
  text: string,
  options: CompileOptions,
): {
  readonly diagnostics: readonly Diagnostic[];
  readonly resolution: Resolution | null;
  readonly source: Source;
  readonly dialect: Dialect;
  readonly predeclared: ReadonlyMap<string, Value>;
} {
  const dialect = createDialect(options.dialect ?? {});
  const source = new Source(options.file ?? '<input>', text);
  const predeclared = toMap(options.predeclared);
  const { file, diagnostics: syntax } = parse(source, dialect);
  if (syntax.some(isError)) return { diagnostics: syntax, resolution: null, source, dialect, predeclared };
  const names = { predeclared: new Set(predeclared.keys()), universe: universalNames(dialect), hint: nameHint };
  const resolution = resolve(file, source, dialect, names);
  return { diagnostics: [...syntax, ...resolution.diagnostics], resolution, source, dialect, predeclared };
}

export function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}

export function toMap(
  values: Readonly<Record<string, Value>> | ReadonlyMap<string, Value> | undefined,
): ReadonlyMap<string, Value> {
  if (values === undefined) return new Map();
  return values instanceof Map ? values : new Map(Object.entries(values));
}

const withSets: ReadonlySet<string> = new Set(['None', 'True', 'False', ...universe.keys()]);
const withoutSets: ReadonlySet<string> = new Set([...withSets].filter((name) => name !== 'set'));

export function universalNames(dialect: Dialect): ReadonlySet<string> {
  return dialect.sets ? withSets : withoutSets;
}

/**
 * A compiled file. It holds no state of a run: threads may share it.
 *
 * @example
 * const { program } = compile('x = 6 * 7\n', { file: 'answer.star' });
 * program!.file; // 'answer.star'
 * program!.run(new Thread()).get('x'); // 42
 */
export class Program {
  readonly source: Source;
  readonly dialect: Dialect;
  /** The modules that its `load` statements name, in order. */
  readonly loads: readonly string[];
  readonly docstring: string | null;
  readonly #resolution: Resolution;
  readonly #predeclared: ReadonlyMap<string, Value>;
  #compiled: { readonly factory: Factory; readonly listing: Listing; readonly topSuspends: boolean } | null = null;
  #hash: string | null = null;

  /** Programs are made by `compile`. */
  constructor(source: Source, dialect: Dialect, resolution: Resolution, predeclared: ReadonlyMap<string, Value>) {
    this.source = source;
    this.dialect = dialect;
    this.#resolution = resolution;
    this.#predeclared = predeclared;
    const { body } = resolution.file;
    this.loads = body.flatMap((statement) => (statement.kind === 'Load' ? [statement.module.value] : []));
    this.docstring = docstringOf(body);
  }

  get file(): string {
    return this.source.name;
  }

  /** SHA-256 of the text, to keep programs by. */
  get hash(): string {
    this.#hash ??= createHash('sha256').update(this.source.text).digest('hex');
    return this.#hash;
  }

  /** The functions that the file defines at its top level, known without running it. */
  get functions(): readonly FunctionInfo[] {
    const { file, functions } = this.#resolution;
    return file.body.flatMap((statement) => {
      if (statement.kind !== 'Def') return [];
      return [describe(functions.get(statement)!, statement, this.source, false, false)];
    });
  }

  /**
   * Runs the file's statements and gives its globals, frozen. Throws a `StarlarkError` with a backtrace. A host
   * function that waits is refused: use `runAsync`.
   */
  run(thread: Thread, options: RunOptions = {}): Module {
    const { factory, topSuspends } = this.#compile();
    return thread.execute(this.dialect, () => {
      const instance = factory(this.#values(options), this.#surroundings(thread, options));
      const result = instance.top();
      if (topSuspends) driveSync(result);
      return this.#finish(instance, thread, options);
    });
  }

  /** Runs the file's statements; host functions may wait, and other threads run in the meantime. */
  async runAsync(thread: Thread, options: RunOptions = {}): Promise<Module> {
    const { factory, topSuspends } = this.#compile();
    if (!topSuspends) return this.run(thread, options);
    const instance = factory(this.#values(options), this.#surroundings(thread, options));
    await thread.drive(this.dialect, () => instance.top() as Running);
    return this.#finish(instance, thread, options);
  }

  /** Writes and compiles the code now. Otherwise the first run does: a program that only is checked never needs it. */
  prepare(): void {
    this.#compile();
  }

  /** The generated code, for those who want to see it. */
  get code(): string {
    return this.#write().code;
  }

  #write(): ReturnType<ProgramWriter['write']> {
    const host = hostKnowledge(this.#predeclared);
    return new ProgramWriter({
      resolution: this.#resolution,
      source: this.source,
      dialect: this.dialect,
      facts: analyse(this.#resolution, host),
      universe,
      assumesPlainNumbers: this.#resolution.predeclared.every(({ name }) => host.hasPlainNumbers(name)),
    }).write();
  }

  #compile(): { readonly factory: Factory; readonly listing: Listing; readonly topSuspends: boolean } {
    if (this.#compiled !== null) return this.#compiled;
    const { code, positions, helpers, constants, functions, topSuspends } = this.#write();
    const listing: Listing = { source: this.source, positions, functions };
    const make = compileFunction(code, [...helpers, 'K'], { filename: register(listing) });
    const factory = make(...helpers.map((name) => runtime[name]), constants) as Factory;
    this.#compiled = { factory, listing, topSuspends };
    return this.#compiled;
  }

  #values(options: RunOptions): Value[] {
    const given = toMap(options.predeclared);
    return this.#resolution.predeclared.map(({ name }) => {
      const value = given.get(name) ?? this.#predeclared.get(name);
      if (value === undefined) throw new StarlarkError('CONVERT', `no value was given for predeclared ${name}`);
      if (options.freeze !== false) freeze(value);
      return value;
    });
  }

  #surroundings(thread: Thread, options: RunOptions): Surroundings {
    return {
      load: (name) => {
        if (options.load === undefined) throw new StarlarkError('LOAD', 'this host has no modules');
        const module = options.load(name, thread);
        return 'then' in module ? module.then(({ globals }) => globals) : module.globals;
      },
    };
  }

  #finish(instance: Instance, thread: Thread, options: RunOptions): Module {
    const globals = new Map<string, Value>();
    for (const [index, value] of instance.globals().entries()) {
      if (value === undefined) continue;
      globals.set(this.#resolution.globals[index]!.name, value);
      if (options.freeze !== false) freeze(value);
    }
    return new Module(this.file, globals, this.dialect, thread);
  }
}

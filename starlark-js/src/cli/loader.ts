import { dirname, resolve } from 'node:path';
import {
  type CompileOptions,
  compile,
  type Dialect,
  type Module,
  type Program,
  StarlarkError,
  type Thread,
  type Value,
} from '../index.ts';
import { Source } from '../syntax/source.ts';
import { report } from './diagnostics.ts';
import { type Input, readInput } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface LoaderOptions {
  readonly dialect: Dialect;
  readonly predeclared: ReadonlyMap<string, Value>;
}

/** Compiles and runs programs and the modules that they load, each once. A module is found beside the file that loads it. */
export class Loader {
  readonly #terminal: Terminal;
  readonly #options: LoaderOptions;
  readonly #modules = new Map<string, Module | 'running'>();

  constructor(terminal: Terminal, options: LoaderOptions) {
    this.#terminal = terminal;
    this.#options = options;
  }

  /** The compiled program, or null after its diagnostics were shown. */
  compile(input: Input): Program | null {
    const { dialect, predeclared } = this.#options;
    const options: CompileOptions = { file: input.name, dialect, predeclared };
    const { program, diagnostics } = compile(input.text, options);
    report(this.#terminal, new Source(input.name, input.text), diagnostics);
    return program;
  }

  /** Runs a program. Without `freeze` its globals, and what it was given, stay open to change. */
  run(input: Input, program: Program, thread: Thread, freeze = true): Promise<Module> {
    return program.runAsync(thread, { freeze, load: (name, loading) => this.#load(input, name, loading) });
  }

  async #load(from: Input, name: string, thread: Thread): Promise<Module> {
    const path = resolve(from.path === null ? this.#terminal.folder : dirname(from.path), name);
    const known = this.#modules.get(path);
    if (known === 'running') throw new StarlarkError('LOAD', `cannot load ${name}: cycle in load graph`);
    if (known !== undefined) return known;
    const input = this.#read(path, name);
    const program = this.compile(input);
    if (program === null) throw new StarlarkError('LOAD', `cannot load ${name}: it has errors`);
    this.#modules.set(path, 'running');
    const module = await this.run(input, program, thread);
    this.#modules.set(path, module);
    return module;
  }

  #read(path: string, name: string): Input {
    try {
      return { ...readInput(this.#terminal, path), name };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new StarlarkError('LOAD', `cannot load ${name}: ${message}`, [], { cause: error });
    }
  }
}

import { attributeNames, getAttribute } from '../builtins/attribute.ts';
import { universe } from '../builtins/universe.ts';
import { type Dialect, renderError, repr, StarlarkError, Thread, type Value } from '../index.ts';
import { parse } from '../syntax/parse.ts';
import { Scanner } from '../syntax/scanner.ts';
import { Source } from '../syntax/source.ts';
import { END_OF_FILE, keywordKinds, NAME } from '../syntax/token.ts';
import { Loader } from './loader.ts';
import { surroundings } from './surroundings.ts';
import type { Terminal } from './terminal.ts';

/** Where the value of an expression is kept: `_` holds the last one, as in other languages. */
const LAST = '_';

/** Before the name of a global under which an input is given its value. */
const GIVEN = '__repl_';

/** The message of a syntax error that more lines may mend. */
const unfinished = /^(?:got end of file|unexpected EOF in string)/;

/** What a REPL knows: the globals of the inputs so far, and the lines of the input that is not finished. */
export class Session {
  readonly #terminal: Terminal;
  readonly #dialect: Dialect;
  readonly #globals = surroundings([]);
  #lines: string[] = [];
  #count = 0;

  constructor(terminal: Terminal, dialect: Dialect) {
    this.#terminal = terminal;
    this.#dialect = dialect;
  }

  get isIncomplete(): boolean {
    return this.#lines.length > 0;
  }

  forget(): void {
    this.#lines = [];
  }

  /** Takes one more line, and runs the input when it is finished. */
  async take(line: string): Promise<void> {
    if (!this.isIncomplete && line.trim() === '') return;
    this.#lines.push(line);
    const text = `${this.#lines.join('\n')}\n`;
    if (this.#wantsMore(text, line)) return;
    this.#lines = [];
    await this.#run(text);
  }

  /** Runs what is left when the input ends. */
  async end(): Promise<void> {
    if (!this.isIncomplete) return;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    await this.#run(text);
  }

  /** An open bracket or string wants more lines; a block wants them until a blank one. */
  #wantsMore(text: string, line: string): boolean {
    const { file, diagnostics } = parse(new Source('<repl>', text), this.#dialect);
    const [first] = diagnostics;
    if (line.endsWith('\\')) return true;
    if (first !== undefined) return line.trim() !== '' && unfinished.test(first.message);
    const isBlock = file.body.some(({ kind }) => kind === 'Def' || kind === 'If' || kind === 'For' || kind === 'While');
    return isBlock && line.trim() !== '';
  }

  async #run(text: string): Promise<void> {
    const name = `<repl:${++this.#count}>`;
    const { file, diagnostics } = parse(new Source(name, text), this.#dialect);
    const [only] = file.body;
    const isExpression = diagnostics.length === 0 && file.body.length === 1 && only?.kind === 'ExpressionStatement';
    // The first line is ours: it makes the globals of earlier inputs globals of this one, and names the result.
    const known = this.#known(text);
    const first = [
      ...known.map((global) => `${global} = ${GIVEN}${global}`),
      ...(isExpression ? [`${LAST} = \\`] : []),
    ];
    const input = { name, path: null, text: `${first.join('; ')}\n${text}` };
    const given = known.map((global) => [`${GIVEN}${global}`, this.#globals.get(global) ?? null] as const);
    const predeclared = new Map<string, Value>([...this.#globals, ...given]);
    const loader = new Loader(this.#terminal, { dialect: this.#dialect, predeclared });
    const program = loader.compile(input);
    if (program === null) return;
    const thread = new Thread({ print: (line) => this.#terminal.out(`${line}\n`) });
    try {
      const module = await loader.run(input, program, thread, false);
      for (const [global, value] of module.globals) this.#globals.set(global, value);
      const value = isExpression ? module.get(LAST) : null;
      if (value !== null && value !== undefined) this.#terminal.out(`${repr(value)}\n`);
    } catch (error) {
      if (!(error instanceof StarlarkError)) throw error;
      this.#terminal.err(`${renderError(error)}\n`);
    }
  }

  /**
   * The globals of earlier inputs that a text names. Where a global may be assigned once only, they are given as
   * predeclared names instead, which an input may hide.
   */
  #known(text: string): string[] {
    if (!this.#dialect.globalReassign) return [];
    const scanner = new Scanner(new Source('<repl>', text), this.#dialect);
    const found = new Set<string>();
    do {
      scanner.next();
      if (scanner.kind === NAME && this.#globals.has(scanner.string)) found.add(scanner.string);
    } while (scanner.kind !== END_OF_FILE);
    return [...found];
  }

  /** The names that could stand at the end of a line, and the part of the line that they would replace. */
  complete(line: string): [string[], string] {
    const [, path = '', word = ''] = /((?:[\p{L}_][\p{L}\p{Nd}_]*\.)*)([\p{L}\p{Nd}_]*)$/u.exec(line) ?? [];
    const names = path === '' ? this.#names() : this.#attributes(path.slice(0, -1).split('.'));
    const hits = names.filter((name) => name.startsWith(word)).sort();
    return [hits.map((name) => path + name), path + word];
  }

  #names(): string[] {
    return [...new Set([...this.#globals.keys(), ...universe.keys(), ...keywordKinds.keys(), 'None', 'True', 'False'])];
  }

  #attributes([first = '', ...rest]: readonly string[]): string[] {
    let value: Value | undefined = this.#globals.get(first);
    try {
      for (const name of rest) value = value === undefined ? undefined : getAttribute(value, name);
    } catch (error) {
      if (error instanceof StarlarkError) return [];
      throw error;
    }
    return value === undefined ? [] : [...attributeNames(value)];
  }
}

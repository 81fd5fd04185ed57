import { type Program, renderError, StarlarkError, StarlarkFunction, Thread, type Value } from '../index.ts';
import { assertions } from './assertions.ts';
import { type Input, readInputs } from './files.ts';
import { Loader } from './loader.ts';
import { dialectOf, readOptions } from './options.ts';
import { limitOptions, limitsOf } from './run.ts';
import { surroundings } from './surroundings.ts';
import { FAILURE, SUCCESS, type Terminal, UsageError } from './terminal.ts';

export const testHelp = `starlark test [--json] FILE…         run every function test_* of programs, each in a fresh copy of its module
  --filter TEXT only tests whose names hold TEXT
  --json        give the results as fields
  assert.eq(got, want), ne, true, false, contains, fails(function, message) say what differs`;

interface Result {
  readonly file: string;
  readonly test: string;
  readonly passed: boolean;
  readonly milliseconds: number;
  /** The error with its backtrace; null for a test that passed. */
  readonly error: string | null;
  readonly output: string;
}

export async function test(terminal: Terminal, given: readonly string[]): Promise<number> {
  const line = readOptions(given, {
    json: { type: 'boolean' },
    strict: { type: 'boolean' },
    filter: { type: 'string' },
    ...limitOptions,
  });
  if (line.words.length === 0) throw new UsageError('test needs files, folders, or - for standard input');
  const predeclared: ReadonlyMap<string, Value> = new Map([
    ...surroundings(line.programArguments),
    ['assert', assertions],
  ]);
  const options = { dialect: dialectOf(line), predeclared };
  const filter = line.text('filter') ?? '';
  const results: Result[] = [];
  let hasBroken = false;
  for (const input of readInputs(terminal, line.words)) {
    const program = new Loader(terminal, options).compile(input);
    if (program === null) {
      hasBroken = true;
      continue;
    }
    for (const { name } of program.functions) {
      if (!name.startsWith('test_') || !name.includes(filter)) continue;
      const result = await runTest(new Loader(terminal, options), input, program, name, limitsOf(line));
      results.push(result);
      if (!line.has('json')) show(terminal, result);
    }
  }
  if (line.has('json')) terminal.out(`${JSON.stringify(results, null, 2)}\n`);
  else terminal.out(summary(results));
  return hasBroken || results.length === 0 || results.some(({ passed }) => !passed) ? FAILURE : SUCCESS;
}

async function runTest(loader: Loader, input: Input, program: Program, name: string, limits: object): Promise<Result> {
  const printed: string[] = [];
  const thread = new Thread({ name, limits, print: (text) => printed.push(`${text}\n`) });
  const start = performance.now();
  let error: string | null = null;
  try {
    const module = await loader.run(input, program, thread);
    if (module.get(name) instanceof StarlarkFunction) await module.callAsync(name);
  } catch (failure) {
    if (!(failure instanceof StarlarkError)) throw failure;
    error = renderError(failure);
  }
  return {
    file: input.name,
    test: name,
    passed: error === null,
    milliseconds: Math.round((performance.now() - start) * 10) / 10,
    error,
    output: printed.join(''),
  };
}

function show(terminal: Terminal, { file, test: name, passed, milliseconds, error, output }: Result): void {
  terminal.out(`${passed ? 'ok  ' : 'FAIL'} ${file} ${name} (${milliseconds} ms)\n`);
  if (passed) return;
  const text = `${output === '' ? '' : `printed:\n${output}`}${error ?? ''}`;
  terminal.out(`${text.replaceAll(/^(?=.)/gm, '    ')}\n`);
}

function summary(results: readonly Result[]): string {
  if (results.length === 0) return 'no function whose name begins with test_ was found\n';
  const failed = results.filter(({ passed }) => !passed).length;
  return `${results.length - failed} passed, ${failed} failed\n`;
}

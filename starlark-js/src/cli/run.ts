import { type Limits, renderError, StarlarkError, Thread } from '../index.ts';
import { type Input, readInput } from './files.ts';
import { Loader } from './loader.ts';
import { type CommandLine, dialectOf, readOptions } from './options.ts';
import { surroundings } from './surroundings.ts';
import { FAILURE, SUCCESS, type Terminal, UsageError } from './terminal.ts';

export const runHelp = `starlark run FILE [-- ARGUMENT…]     run a program; the list args holds the words after --
  -c CODE       run CODE instead of a file; FILE - reads standard input
  --steps N     end the program after N steps (default 500 million)
  --bytes N     … when it holds more than N bytes (default 256 MiB)
  --seconds N   … after N seconds (default 60)`;

/** The options by which every command that runs programs bounds them. */
export const limitOptions = {
  steps: { type: 'string' },
  bytes: { type: 'string' },
  seconds: { type: 'string' },
} as const;

export function limitsOf(line: CommandLine): Partial<Limits> {
  const steps = line.amount('steps');
  const bytes = line.amount('bytes');
  const seconds = line.amount('seconds');
  return {
    output: Number.POSITIVE_INFINITY,
    ...(steps === undefined ? {} : { steps }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(seconds === undefined ? {} : { wallMs: seconds * 1000 }),
  };
}

export async function run(terminal: Terminal, given: readonly string[]): Promise<number> {
  const line = readOptions(given, {
    command: { type: 'string', short: 'c' },
    strict: { type: 'boolean' },
    ...limitOptions,
  });
  const input = inputOf(terminal, line);
  const loader = new Loader(terminal, { dialect: dialectOf(line), predeclared: surroundings(line.programArguments) });
  const program = loader.compile(input);
  if (program === null) return FAILURE;
  const thread = new Thread({ limits: limitsOf(line), print: (text) => terminal.out(`${text}\n`) });
  try {
    await loader.run(input, program, thread);
    return SUCCESS;
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    terminal.err(`${renderError(error)}\n`);
    return FAILURE;
  }
}

function inputOf(terminal: Terminal, line: CommandLine): Input {
  const code = line.text('command');
  const [word] = line.words;
  if (code !== undefined) {
    if (word !== undefined) throw new UsageError(`run takes -c or a file, not both (got ${word})`);
    return { name: '<command>', path: null, text: code };
  }
  if (word === undefined) throw new UsageError('run needs a file, -c CODE, or - for standard input');
  if (line.words.length > 1)
    throw new UsageError(`run takes one file; put arguments of the program after -- (got ${line.words[1]})`);
  return readInput(terminal, word);
}

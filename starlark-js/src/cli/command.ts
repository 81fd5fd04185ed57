import { check, checkHelp } from './check.ts';
import { doc, docHelp } from './doc.ts';
import { fmt, fmtHelp } from './fmt.ts';
import { repl, replHelp } from './repl.ts';
import { run, runHelp } from './run.ts';
import { SUCCESS, type Terminal, USAGE, UsageError } from './terminal.ts';
import { test, testHelp } from './test.ts';

type Command = (terminal: Terminal, given: readonly string[]) => number | Promise<number>;

const commands: ReadonlyMap<string, { readonly start: Command; readonly help: string }> = new Map([
  ['run', { start: run, help: runHelp }],
  ['check', { start: check, help: checkHelp }],
  ['test', { start: test, help: testHelp }],
  ['fmt', { start: fmt, help: fmtHelp }],
  ['repl', { start: repl, help: replHelp }],
  ['doc', { start: doc, help: docHelp }],
]);

const help = `${[...commands.values()].map((command) => command.help).join('\n\n')}

Every command takes --strict: the language of the specification, without extensions.
Exit codes: 0 success, 1 the program, a check or a test failed, 2 the command line is wrong.
`;

/** Runs one command line and gives the exit code. */
export async function runCommand(terminal: Terminal, given: readonly string[]): Promise<number> {
  const [name, ...rest] = given;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.out(help);
    return name === undefined ? USAGE : SUCCESS;
  }
  const command = commands.get(name);
  if (command === undefined) {
    terminal.err(
      `starlark: there is no command ${JSON.stringify(name)}; there are ${[...commands.keys()].join(', ')}\n`,
    );
    return USAGE;
  }
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (own.includes('--help') || own.includes('-h')) {
    terminal.out(`${command.help}\n`);
    return SUCCESS;
  }
  try {
    return await command.start(terminal, rest);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`starlark ${name}: ${error.message}\n`);
    return USAGE;
  }
}

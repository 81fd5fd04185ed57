import { parseArgs } from 'node:util';
import { suggest } from '../config/clay-json.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Environment } from '../config/load.ts';
import { CliError } from './cli-error.ts';
import type { Command, ParsedOptions } from './command.ts';
import { commands } from './commands.ts';
import { formatTable } from './terminal/table.ts';
import type { Terminal } from './terminal/terminal.ts';

export interface CliOptions {
  /** Without the program itself. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly terminal: Terminal;
}

/** Runs one command; resolves to the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export async function runCli({ argv, env, terminal }: CliOptions): Promise<number> {
  const [name, ...rest] = argv;
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h')
      return await showHelp(rest[0], terminal);
    if (name === '--version' || name === '-v') return await runCommand('version', rest, env, terminal);
    return await runCommand(name, rest, env, terminal);
  } catch (error) {
    return explain(error, name, terminal);
  }
}

async function runCommand(name: string, rest: string[], env: Environment, terminal: Terminal): Promise<number> {
  const command = await findCommand(name);
  if (command.readsOwnArguments) return command.run({ env, terminal, args: rest, options: {} });
  const { values, positionals } = parse(name, command, rest);
  if (values.help === true) return showHelp(name, terminal);
  if (positionals.length > command.maxArgs) {
    throw new CliError(`clay ${name} does not take ${JSON.stringify(positionals[command.maxArgs])}.`, 2);
  }
  return command.run({ env, terminal, args: positionals, options: values });
}

async function findCommand(name: string): Promise<Command> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry !== undefined) return entry.load();
  throw new CliError(`There is no command ${JSON.stringify(name)}${suggest(name, Object.keys(commands))}`, 2);
}

function parse(name: string, command: Command, args: string[]): { values: ParsedOptions; positionals: string[] } {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /^Unknown option '(--?[^']+)'/.exec((error as Error).message)?.[1];
    if (unknown === undefined) throw new CliError(`${(error as Error).message}.`, 2);
    const known = Object.keys(options).map((option) => `--${option}`);
    throw new CliError(`clay ${name} has no option ${unknown}${suggest(unknown, known)}`, 2);
  }
}

async function showHelp(name: string | undefined, terminal: Terminal): Promise<number> {
  if (name !== undefined) {
    const command = await findCommand(name);
    if (command.readsOwnArguments) {
      await command.run({ env: {}, terminal, args: ['--help'], options: {} });
      return 0;
    }
    terminal.print(`clay ${name} ${command.usage}`.trimEnd());
    terminal.print(`\n${command.help.trim()}`);
    return 0;
  }
  const rows = Object.entries(commands).flatMap(([command, { heading, summary }]) => [
    ...(heading === undefined ? [] : [[''], [heading]]),
    [`  ${terminal.style('bold', command)}`, summary],
  ]);
  terminal.print('clay COMMAND [OPTIONS], in a checkout npm run -s clay -- COMMAND [OPTIONS]');
  terminal.print(formatTable(rows));
  terminal.print(
    '\n"clay help COMMAND" tells more. CLAY_ROOT is the folder of the claw; CLAY_URL the address of a distant one.',
  );
  return 0;
}

function explain(error: unknown, name: string | undefined, terminal: Terminal): number {
  const prefix = terminal.styleError('red', 'clay:');
  if (error instanceof CliError) {
    terminal.printError(`${prefix} ${error.message}`);
    if (error.exitCode === 2) {
      const known = name !== undefined && Object.hasOwn(commands, name);
      terminal.printError(`Try "clay help${known ? ` ${name}` : ''}".`);
    }
    return error.exitCode;
  }
  // Errors of the layers below have a code and a message for the operator; anything else is a bug and shows its stack.
  const isKnown =
    error instanceof ConfigError ||
    (error instanceof Error && 'code' in error) ||
    (error instanceof Error && 'fault' in error);
  terminal.printError(`${prefix} ${isKnown ? error.message : error instanceof Error ? error.stack : String(error)}`);
  return 1;
}

import type { ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Environment } from '../config/load.ts';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What a command may touch of its process. */
export interface CommandContext {
  readonly env: Environment;
  readonly terminal: Terminal;
  /** Positional arguments. */
  readonly args: readonly string[];
  readonly options: ParsedOptions;
}

export type ParsedOptions = ReturnType<typeof parseArgs>['values'];

/** A command of `clay`; its name is its file's. */
export interface Command {
  /** What follows the name: `[message …]`. */
  readonly usage: string;
  /** For `clay help NAME`, below the usage. */
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** At most so many positional arguments. */
  readonly maxArgs: number;
  /** Gets everything that follows its name as it is, `--help` too: a family of commands with options of their own. */
  readonly readsOwnArguments?: true;
  /** Resolves to the exit code. Throws a `CliError` for what the person can mend. */
  run(context: CommandContext): Promise<number>;
}

/** The text of an option that takes one. */
export function textOption(options: ParsedOptions, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number from 0 on, as somebody typed it. */
export function parseWhole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CliError(`${name} is ${JSON.stringify(text)}; it must be a whole number.`, 2);
}

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Dialect, defaultDialect, strictDialect } from '../syntax/dialect.ts';
import { UsageError } from './terminal.ts';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** The options and the other words of a command line. Words after `--` come apart, for the program that is run. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly programArguments: readonly string[];
  has(option: string): boolean;
  text(option: string): string | undefined;
  /** A number above zero. */
  amount(option: string): number | undefined;
}

/** Reads a command's arguments; an option that the command does not have is an error that names it. */
export function readOptions(given: readonly string[], options: OptionTable): CommandLine {
  const separator = given.indexOf('--');
  const own = separator < 0 ? given : given.slice(0, separator);
  const { values, positionals } = parsed(own, options);
  return {
    words: positionals,
    programArguments: separator < 0 ? [] : given.slice(separator + 1),
    has: (option) => values[option] === true,
    text: (option) => {
      const value = values[option];
      return typeof value === 'string' ? value : undefined;
    },
    amount: (option) => {
      const value = values[option];
      if (typeof value !== 'string') return undefined;
      const amount = Number(value);
      if (!(amount > 0)) throw new UsageError(`--${option} ${JSON.stringify(value)}: want a number above zero`);
      return amount;
    },
  };
}

function parsed(
  given: readonly string[],
  options: OptionTable,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...given], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(message, { cause: error });
  }
}

/** `--strict` is the language of the specification alone. */
export function dialectOf(line: CommandLine): Dialect {
  return line.has('strict') ? strictDialect : defaultDialect;
}

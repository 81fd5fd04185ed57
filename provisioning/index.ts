import { parseArgs } from 'node:util';
import { readOperator } from './claw/operator.ts';
import type { AdminCommand, Environment } from './command.ts';
import { adminCommands } from './commands.ts';
import { type Docker, DockerProgram } from './docker/docker.ts';
import { ProvisioningError, quote } from './errors.ts';
import { type PatchTiming, patchTiming } from './patch/patch.ts';
import { type Clock, systemClock } from './waits/clock.ts';

export interface AdminOptions {
  /** What follows `clay admin`. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly error: NodeJS.WritableStream;
  /** Else the program `DOCKER`, or `docker`. */
  readonly docker?: Docker;
  readonly clock?: Clock;
  readonly timing?: PatchTiming;
}

/** Runs one command of `clay admin`; resolves to the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runAdmin(options: AdminOptions): Promise<number> {
  const [name, ...rest] = options.argv;
  const print = (line: string) => void options.output.write(`${line}\n`);
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      print(helpOf(rest[0]));
      return 0;
    }
    return await runCommand(name, rest, options, print);
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    options.error.write(`clay admin: ${error.message}\n`);
    const isUsage = error.code === 'BAD_OPTION' || error.code === 'BAD_NAME';
    if (isUsage)
      options.error.write(`Try "clay admin help${Object.hasOwn(adminCommands, name ?? '') ? ` ${name}` : ''}".\n`);
    return isUsage ? 2 : 1;
  }
}

async function runCommand(
  name: string,
  rest: readonly string[],
  options: AdminOptions,
  print: (line: string) => void,
): Promise<number> {
  const { env, input, output, clock = systemClock, timing = patchTiming } = options;
  const command = findCommand(name);
  const { values, positionals } = parse(name, command, rest);
  if (values.help === true) {
    print(helpOf(name));
    return 0;
  }
  if (positionals.length > command.maxArgs)
    throw new ProvisioningError(
      'BAD_OPTION',
      `clay admin ${name} does not take ${quote(positionals[command.maxArgs]!)}.`,
    );
  return command.run({
    env,
    clock,
    timing,
    input,
    output,
    print,
    say: (line) => void options.error.write(`${line}\n`),
    docker: options.docker ?? new DockerProgram({ program: env.DOCKER || 'docker', env }),
    operator: readOperator(env, values),
    args: positionals,
    options: values,
  });
}

function findCommand(name: string): AdminCommand {
  const command = Object.hasOwn(adminCommands, name) ? adminCommands[name] : undefined;
  if (command !== undefined) return command;
  throw new ProvisioningError(
    'BAD_OPTION',
    `There is no command ${quote(name)}; there are ${Object.keys(adminCommands).join(', ')}.`,
  );
}

function parse(name: string, command: AdminCommand, args: readonly string[]) {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: joinNegative(args), options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's message may hold the whole of a wrong value.
    throw new ProvisioningError('BAD_OPTION', `clay admin ${name}: ${(error as Error).message.slice(0, 200)}`, {
      cause: error,
    });
  }
}

/** `--telegram-chat-id -1001`: Node would take the number of a group for an option. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of args) {
    const last = joined.at(-1) ?? '';
    if (/^-\d+$/.test(word) && last.startsWith('--') && !last.includes('='))
      joined[joined.length - 1] = `${last}=${word}`;
    else joined.push(word);
  }
  return joined;
}

function helpOf(name: string | undefined): string {
  if (name === undefined) {
    const width = Math.max(...Object.keys(adminCommands).map((command) => command.length));
    const rows = Object.entries(adminCommands).map(
      ([command, { summary }]) => `  ${command.padEnd(width)}  ${summary}`,
    );
    return [
      'clay admin COMMAND [OPTIONS]',
      '',
      ...rows,
      '',
      '"clay admin help COMMAND" tells more; OPERATE.md tells all.',
    ].join('\n');
  }
  const { usage, help } = findCommand(name);
  return `clay admin ${name} ${usage}\n\n${help.trim()}`;
}

import { readFileSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { AdminContext } from '../command.ts';
import { textOption } from '../command.ts';
import { ProvisioningError } from '../errors.ts';

export interface SecretOption {
  /** `zai-key`: also given as `--zai-key-file FILE`. */
  readonly option: string;
  readonly variable: string;
}

/** What a claw is told in confidence, and the variables by which it hears of it. */
export const secretOptions: readonly SecretOption[] = [
  { option: 'zai-key', variable: 'ANTHROPIC_API_KEY' },
  { option: 'telegram-token', variable: 'TELEGRAM_BOT' },
];

/** Each secret that was given: from a file, from standard input (`-`), or from the command line, with a warning. */
export async function readSecrets(context: AdminContext): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  let fromInput: string | null = null;
  for (const { option, variable } of secretOptions) {
    const [file, direct] = [textOption(context, `${option}-file`), textOption(context, option)];
    if (file !== undefined && direct !== undefined)
      throw new ProvisioningError('BAD_OPTION', `Give --${option} or --${option}-file, and not both.`);
    if (file === '-' || direct === '-') {
      if (fromInput !== null)
        throw new ProvisioningError(
          'BAD_OPTION',
          `--${fromInput} and --${option} cannot both come from standard input. Give one of them as a file.`,
        );
      fromInput = option;
      values.set(variable, checkSecret(await text(context.input), `standard input for --${option}`));
    } else if (file !== undefined) {
      values.set(variable, checkSecret(readSecretFile(file, context), file));
    } else if (direct !== undefined) {
      context.say(
        `warning: --${option} on the command line can be read by everybody on this machine, and stays in the history of the shell. Prefer --${option}-file FILE, or --${option} - and standard input.`,
      );
      values.set(variable, checkSecret(direct, `--${option}`));
    }
  }
  return values;
}

function readSecretFile(file: string, { say }: AdminContext): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0) say(`warning: ${file} can be read by others; chmod 600 it.`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ProvisioningError('BAD_OPTION', `${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

function checkSecret(raw: string, source: string): string {
  const value = raw.replace(/\r?\n$/, '');
  if (/^[\x21-\x7e]{8,4096}$/.test(value)) return value;
  throw new ProvisioningError(
    'BAD_VALUE',
    `What ${source} holds is no key: it must be one line of 8 to 4096 printable characters without spaces.`,
  );
}

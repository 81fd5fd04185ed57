import { readFileSync } from 'node:fs';
import { splitAt } from '../docker/config-flags.ts';
import { ProvisioningError, quote } from '../errors.ts';
import { writePrivate } from './private-file.ts';

/** Variables by which a value would become a program, or the claw another one: nobody sets them for a claw. */
const forbidden =
  /^(LD_.*|DYLD_.*|NODE_.*|PATH|HOME|SHELL|ENV|IFS|BASH_.*|PYTHON.*|PERL.*|RUBY.*|GIT_.*|DOCKER_.*|CLAY_ROOT|CLAY_DB|CLAY_STANDBY|CLAY_HOST|CLAY_PORT|ADK_PORT|CLAW_NAME)$/;
const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const longestValue = 32_768;

/** A claw's variables, as `docker --env-file` reads them: a line each, everything after the first `=` taken as it is. */
export function formatEnvFile(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${name}=${checkValue(name, value)}\n`).join('');
}

export function parseEnvFile(source: string, file: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [index, line] of source.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [name, value] = splitAt(line, '=');
    if (!line.includes('=') || !namePattern.test(name))
      throw new ProvisioningError('BAD_VALUE', `${file}:${index + 1} is not NAME=value.`);
    values.set(name, checkValue(name, value));
  }
  return values;
}

/** As {@link parseEnvFile}, for a file that somebody hands in for a claw. */
export function parseForeignEnvFile(source: string, file: string): Map<string, string> {
  const values = parseEnvFile(source, file);
  for (const name of values.keys())
    if (forbidden.test(name))
      throw new ProvisioningError(
        'BAD_VALUE',
        `${file} sets ${name}, which would change the claw's programs and not its settings. Remove it.`,
      );
  return values;
}

export function readEnvFile(file: string): Map<string, string> {
  try {
    return parseEnvFile(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

export function writeEnvFile(file: string, values: ReadonlyMap<string, string>): void {
  writePrivate(file, formatEnvFile(values));
}

function checkValue(name: string, value: string): string {
  if (!namePattern.test(name)) throw new ProvisioningError('BAD_VALUE', `${quote(name)} cannot name a variable.`);
  if (/[\r\n\0]/.test(value))
    throw new ProvisioningError(
      'BAD_VALUE',
      `The value of ${name} has more than one line, which an env-file cannot hold. Write it in one line (a PEM key: in base64).`,
    );
  if (value.length > longestValue)
    throw new ProvisioningError(
      'BAD_VALUE',
      `The value of ${name} has ${value.length} characters; ${longestValue} are allowed.`,
    );
  return value;
}

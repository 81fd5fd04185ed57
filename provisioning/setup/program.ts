import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../command.ts';
import { ProvisioningError } from '../errors.ts';

const execute = promisify(execFile);

/** Runs a program of the host with a list of arguments; gives its standard output. Throws `PROGRAM` with its own words. */
export async function runProgram(program: string, args: readonly string[], env: Environment): Promise<string> {
  try {
    return (await execute(program, args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stderr, code } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    const reason = code === 'ENOENT' ? 'it is not installed' : stderr?.trim() || (error as Error).message;
    throw new ProvisioningError('PROGRAM', `${program} ${args.join(' ')} failed: ${reason}`, { cause: error });
  }
}

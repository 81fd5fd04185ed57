import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { ProvisioningError } from '../errors.ts';

export interface DockerOptions {
  /** `DOCKER`: the program to run. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface RunOptions {
  /** What the program reads from its standard input. */
  readonly input?: Readable;
  /** For `-e NAME`, by which a value reaches Docker without standing in its arguments. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Docker refused; `stderr` says why in its own words. */
export class DockerError extends ProvisioningError {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string) {
    super('DOCKER', `docker ${command} failed (${exitCode ?? 'killed'}): ${stderr.trim() || 'it said nothing'}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }

  get isMissing(): boolean {
    return /no such|not found/i.test(this.stderr);
  }

  get isNameTaken(): boolean {
    return /already in use|already exists/i.test(this.stderr);
  }
}

/** Whatever carries out the words of the `docker` command. */
export interface Docker {
  /** Its standard output. Throws {@link DockerError}. */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Hands its standard output to `take` while it runs, for what is too large to hold. */
  stream(args: readonly string[], take: (output: Readable) => Promise<void>): Promise<void>;
}

/** The program `docker`, with lists of arguments and never through a shell: no value can become a command. */
export class DockerProgram implements Docker {
  readonly #options: DockerOptions;

  constructor(options: DockerOptions) {
    this.#options = options;
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return (await this.#spawn(args, options, buffer)).toString('utf8');
  }

  async stream(args: readonly string[], take: (output: Readable) => Promise<void>): Promise<void> {
    await this.#spawn(args, {}, take);
  }

  async #spawn<Result>(
    args: readonly string[],
    { input, env }: RunOptions,
    take: (output: Readable) => Promise<Result>,
  ): Promise<Result> {
    const child = spawn(this.#options.program, args, {
      env: { ...this.#options.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    try {
      const feeding = input === undefined ? undefined : feed(input, child.stdin!);
      const [result, stderr, [exitCode], fault] = await Promise.all([
        take(child.stdout!),
        text(child.stderr!),
        ended,
        feeding,
      ]);
      if (exitCode !== 0) throw new DockerError(args.slice(0, 2).join(' '), exitCode, stderr);
      if (fault !== undefined) throw fault;
      return result;
    } catch (error) {
      if (error instanceof ProvisioningError) throw error;
      child.kill();
      const { code } = error as NodeJS.ErrnoException;
      const reason =
        code === 'ENOENT' ? 'it is not installed, or DOCKER names another place' : (error as Error).message;
      throw new ProvisioningError('DOCKER', `${this.#options.program} ${args[0]} could not be run: ${reason}.`, {
        cause: error,
      });
    }
  }
}

/** Gives a failure back instead of throwing it: a program that ends early has more to say about it on its own. */
async function feed(input: Readable, target: NodeJS.WritableStream): Promise<Error | undefined> {
  try {
    await pipeline(input, target);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

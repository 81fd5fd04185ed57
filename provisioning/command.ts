import type { ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Operator } from './claw/operator.ts';
import type { Docker } from './docker/docker.ts';
import { ProvisioningError } from './errors.ts';
import type { PatchTiming } from './patch/patch.ts';
import type { Clock } from './waits/clock.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command may touch of its process. */
export interface AdminContext {
  readonly env: Environment;
  readonly clock: Clock;
  readonly docker: Docker;
  readonly operator: Operator;
  readonly timing: PatchTiming;
  readonly args: readonly string[];
  readonly options: ReturnType<typeof parseArgs>['values'];
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** A result. */
  print(line: string): void;
  /** What is going on, and warnings. */
  say(line: string): void;
}

/** A command of `clay admin`. */
export interface AdminCommand {
  /** What follows its name. */
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** At most so many words that are no options. */
  readonly maxArgs: number;
  /** Resolves to the exit code. */
  run(context: AdminContext): Promise<number>;
}

export function textOption({ options }: Pick<AdminContext, 'options'>, name: string): string | undefined {
  const value = options[name];
  if (value === '') throw new ProvisioningError('BAD_OPTION', `--${name} is empty.`);
  return typeof value === 'string' ? value : undefined;
}

export function numberOption(context: Pick<AdminContext, 'options'>, name: string, fallback: number): number {
  const text = textOption(context, name) ?? String(fallback);
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ProvisioningError('BAD_OPTION', `--${name} is ${JSON.stringify(text)}; it must be a whole number.`);
}

/** Options with which an operator goes beyond what stands in `operator.json`. */
export const operatorOptions = {
  domain: { type: 'string' },
  image: { type: 'string' },
  router: { type: 'string' },
  memory: { type: 'string' },
  cpus: { type: 'string' },
  pids: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

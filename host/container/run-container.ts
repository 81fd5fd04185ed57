import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { ClayError, type Clock } from '@clay/sdk';
import { type Environment, loadConfig } from '../config/load.ts';
import { supervise } from '../launch.mjs';
import { createLog } from '../log.ts';
import { pathsBelow } from '../preflight/copy-volume.ts';
import { preflightFailed, volumeNotWritable } from '../preflight/exit-codes.ts';
import { preflight } from '../preflight/preflight.ts';
import { hasTaken, parseStandby, standBy } from './standby.ts';
import { readUserEnvironment } from './user-environment.ts';
import { findUnwritable } from './volume-owner.ts';

export interface ContainerOptions {
  readonly env: Environment;
  readonly version: string;
  readonly clock: Clock;
  /** Standard output and standard error, a line each. */
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  /** Somebody wants the container to end, before there is a medic to hear it. */
  readonly signal: AbortSignal;
}

/** What this process becomes: the medic, with its environment. */
export interface Successor {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const defaultRoot = '/app';

/**
 * What a container does before it is a claw: takes the user's settings, makes sure that the volumes can be written, lays
 * out the home folder, and stands by where that is asked for. Gives what to become, or how to end.
 */
export async function runContainer(options: ContainerOptions): Promise<Successor | number> {
  const { version, clock, print, printError, signal } = options;
  const root = options.env.CLAY_ROOT || defaultRoot;
  const paths = pathsBelow(root);
  const env = { ...options.env, ...takeUserSettings(join(paths.data, '.env'), options) };
  const unwritable = findUnwritable(paths);
  if (unwritable.length > 0) {
    for (const problem of unwritable) printError(`clay: ${problem}`);
    return volumeNotWritable;
  }
  const log = createLog({ level: 'warn', format: 'json', write: printError, clock });
  const id = parseStandby(env.CLAY_STANDBY, hostname());
  if (id !== null && !hasTaken(paths.data, id)) {
    // Settings that cannot be read are the preflight's to tell; it listens where they would say.
    const end = await standBy({
      ...listenOn(env),
      ...{ id, data: paths.data, clock, log, signal },
      preflight: () => preflight({ env, version, clock, log }),
      tell: (line) => print(JSON.stringify(line)),
    });
    if (end !== 'taken') return end === 'stopped' ? 0 : preflightFailed;
  }
  if (env.HOME?.startsWith(`${root}/`) === true) mkdirSync(env.HOME, { recursive: true, mode: 0o700 });
  return successor(env);
}

function takeUserSettings(file: string, { env, printError }: ContainerOptions): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      printError(`clay: ${file} cannot be read and is left out: ${(error as Error).message}`);
    return {};
  }
  const { values, problems } = readUserEnvironment(text, env);
  for (const problem of problems) printError(`clay: ${file}, ${problem}`);
  return values;
}

function listenOn(env: Environment): { readonly host: string; readonly port: number } {
  try {
    const { host, port } = loadConfig({ env, defaultRoot, isTerminal: false }).config.server;
    return { host, port };
  } catch {
    return { host: '127.0.0.1', port: 0 };
  }
}

function successor(env: Environment): Successor {
  const bundle = dirname(process.argv[1] ?? '');
  if (!existsSync(join(bundle, 'medic.mjs')))
    throw new ClayError('UNAVAILABLE', `There is no medic beside ${process.argv[1]}: a container runs the bundle.`);
  const how = supervise(process.execPath, bundle, ['start']);
  const set = Object.entries({ ...env, ...how.env }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { command: process.execPath, args: how.args, env: Object.fromEntries(set) };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { launch } from '../launch.mjs';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the bundled command line on a volume, to its end. */
export async function clay(root: string, args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const child = spawnClay(root, args, env);
  const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  return { code: await ended, stdout, stderr };
}

/** Starts it, and leaves the rest to the caller. */
function spawnClay(root: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  const bundle = process.env.CLAY_BUNDLE;
  if (!bundle) throw new Error('CLAY_BUNDLE names no bundle; run it with npm test');
  const how = launch(bundle, args);
  return spawn(process.execPath, how.args, {
    env: { PATH: process.env.PATH ?? '', CLAY_ROOT: root, ...how.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

clay.spawn = spawnClay;

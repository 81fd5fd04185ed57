import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { ClayError, type Log } from '@clay/sdk';
import { childStdio } from './child-line.ts';
import type { ChildRegistry } from './child-registry.ts';
import { readProcess } from './process-table.ts';

export interface SpawnChildOptions {
  /** Whose process it is: of a plugin's generation, or of the host's own. */
  readonly plugin: string;
  readonly generation: number;
  readonly flags: readonly string[];
  readonly entry: string;
  readonly cwd: string;
  /** Default: empty. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A user of its own for the process, where the host may set one. Default: the host's. */
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined;
  /** Bytes of private memory that the kernel of the machine gives it, where `prlimit` is installed. Default: no bound. */
  readonly dataBytes?: number;
  /** Where children are written down for the next host. */
  readonly registry: ChildRegistry;
  readonly log: Log;
}

export interface SpawnedChild {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Strikes it out of the registry: it has ended. */
  readonly strikeOut: () => void;
}

/** The kernel of the machine takes a child before the host when memory runs out. */
const oomScore = 500;

/**
 * Starts Node in a group of its own, with an environment of its own and the pipes of its line, and writes it down.
 *
 * @throws ClayError `UNAVAILABLE`
 */
export async function spawnChild(options: SpawnChildOptions): Promise<SpawnedChild> {
  const { plugin, flags, entry, cwd, environment = {}, identity, dataBytes, log } = options;
  const command = [...withoutNewPrivileges(identity), ...bound(dataBytes), process.execPath, ...flags, entry];
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
    env: { ...environment },
    stdio: [...childStdio],
    // A group of its own, which is killed as a whole.
    detached: true,
    ...identity,
  });
  const { pid } = child;
  if (pid === undefined) {
    const [cause] = (await once(child, 'error')) as [Error];
    throw new ClayError('UNAVAILABLE', `The process of "${plugin}" could not be started: ${cause.message}`, {
      phase: 'load',
      cause,
    });
  }
  // Told by its exit as well; without a listener it would end the host.
  child.on('error', (error) => log.warn('process.error', { pid, error: error.message }));
  return { process: child, pid, strikeOut: recordChild(pid, options) };
}

const prlimit = '/usr/bin/prlimit';
const setpriv = '/usr/bin/setpriv';

/** A user of its own stays that user, also by programs that make others root. */
function withoutNewPrivileges(identity: SpawnChildOptions['identity']): readonly string[] {
  return identity === undefined || !existsSync(setpriv) ? [] : [setpriv, '--no-new-privs', '--'];
}

/** It replaces itself by what it starts, so the pid is the child's. */
function bound(dataBytes: number | undefined): readonly string[] {
  return dataBytes === undefined || !existsSync(prlimit) ? [] : [prlimit, `--data=${dataBytes}`, '--'];
}

/** Writes a child down, and lets it go first when memory runs out. Gives what strikes it out. */
function recordChild(pid: number, { plugin, generation, registry, log }: SpawnChildOptions): () => void {
  const found = readProcess(pid);
  if (found === null) return () => {};
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(oomScore));
  } catch (error) {
    // The machine does not allow it: the other bounds stand.
    log.debug('process.oom-score.failed', { pid, error: String(error) });
  }
  return registry.add({ plugin, generation, pid, startedAt: found.startedAt });
}

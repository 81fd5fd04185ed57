import { AsyncLocalStorage } from 'node:async_hooks';
import { StarlarkError, type Thread } from 'starlark-js';
import type { Effects } from './effects.ts';
import type { FakeHost } from './fake-host.ts';

/** One execution of script code: what its host functions act on. */
export interface Run {
  readonly thread: Thread;
  readonly effects: Effects;
  /** Only in a test. */
  readonly fake: FakeHost | null;
  /** Takes a line that the script tells. */
  readonly print: (line: string) => void;
  /** Called when the script goes on after it waited for the host. */
  readonly onResume: () => void;
}

const current = new AsyncLocalStorage<Run>();

/**
 * Runs `body` as `run`. Modules and host functions are shared by all scripts of a process; by this they find whose call
 * it is that they work for, also after waiting.
 */
export function withRun<T>(run: Run, body: () => T): T {
  return current.run(run, body);
}

/** The run that the calling host function works for. */
export function currentRun(): Run {
  const run = current.getStore();
  if (run === undefined) throw new StarlarkError('HOST', 'this host function works only in a script that a host runs');
  return run;
}

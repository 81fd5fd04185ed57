import { proveHealth, stateOf } from '../claw/health.ts';
import { type Container, inspectContainer } from '../docker/inspect.ts';
import { recreationOf } from '../docker/recreation.ts';
import type { Patch } from './patch.ts';

type Situation =
  | 'whole'
  | 'drop the next'
  | 'finish the switch'
  | 'undo the switch'
  | 'finish the trial'
  | 'undo the trial';

interface Parts {
  readonly current: Container | null;
  readonly next: Container | null;
  readonly former: Container | null;
}

/** What an earlier patch has left that was cut off in its middle. Decides by what Docker knows, as nothing else outlives a crash. */
export function situationOf({ current, next, former }: Parts): Situation {
  if (former === null && next === null) return 'whole';
  if (former === null) {
    if (current === null || current.State.Running) return current === null ? 'finish the switch' : 'drop the next';
    return stateOf(next) === 'healthy' ? 'finish the switch' : 'undo the switch';
  }
  if (current === null) return stateOf(next) === 'healthy' ? 'finish the switch' : 'undo the trial';
  return stateOf(current) === 'healthy' ? 'finish the trial' : 'undo the trial';
}

/** Brings a claw back to one container that serves, before anything else is done with it. */
export async function recover(patch: Patch): Promise<void> {
  const { docker, names, timing, clock, say } = patch;
  const [current, next, former] = [
    await inspectContainer(docker, names.container),
    await inspectContainer(docker, names.next),
    await inspectContainer(docker, names.former),
  ];
  const situation = situationOf({ current, next, former });
  if (situation === 'whole') return;
  say(`an earlier patch was cut off: ${situation}`);
  const remove = async (name: string, found: Container | null) => {
    if (found === null) return;
    if (found.State.Running) await docker.run(['stop', '-t', String(timing.graceSeconds), name]);
    await docker.run(['rm', '--force', name]);
  };
  const rename = (from: string, to: string) => docker.run(['rename', from, to]);
  const serve = async () => {
    await docker.run(['start', names.container]);
    await proveHealth(docker, names.container, { ...timing, healthMs: 0 }, clock);
  };
  switch (situation) {
    case 'drop the next':
      await remove(names.next, next);
      return;
    case 'finish the switch': {
      if (current !== null) await rename(names.container, names.former);
      await rename(names.next, names.container);
      await finish(current ?? former);
      return;
    }
    case 'undo the switch':
      await remove(names.next, next);
      await serve();
      return;
    case 'finish the trial':
      await finish(former);
      await remove(names.next, next);
      return;
    case 'undo the trial':
      await remove(names.next, next);
      await remove(names.container, current);
      await rename(names.former, names.container);
      await serve();
      return;
  }

  async function finish(predecessor: Container | null): Promise<void> {
    if (predecessor === null) return;
    await docker.run(['update', '--restart', recreationOf(predecessor, null).restart, names.container]);
    await docker.run(['rm', names.former]);
  }
}

import { boot } from './boot.ts';
import { crashed, refuse, restart } from './crash.ts';
import { Draft, type GenerationDraft, type PluginDraft } from './draft.ts';
import type { GenerationEvent, MedicEvent } from './event.ts';
import type { History } from './history.ts';
import {
  backOf,
  describeServing,
  flip,
  isReturnable,
  isStandby,
  judge,
  newestReturnable,
  resume,
  tryNextSuspect,
  undo,
} from './probation.ts';
import { defaultRules, type Rules } from './rules.ts';
import type { Step } from './step.ts';

export interface Decision {
  /** What is known afterwards. */
  readonly history: History;
  readonly steps: readonly Step[];
}

/**
 * Judges processes and generations: what is to be done when something has happened, and what is known then. A pure
 * function; events about what has ended already, or was never there, change nothing.
 */
export function decide(history: History, event: MedicEvent, now: number, rules: Rules = defaultRules): Decision {
  const draft = new Draft(history, now, rules);
  switch (event.type) {
    case 'tick':
      for (const plugin of draft.plugins) for (const one of plugin.generations) judge(draft, plugin, one);
      break;
    case 'boot':
      boot(draft, event);
      break;
    case 'rollback':
      rollBack(draft, event.plugin, event.to);
      break;
    case 'unquarantine':
      unquarantine(draft, event.plugin, event.hash);
      break;
    case 'forbid':
      forbid(draft, event.plugin, event.hash, event.reason);
      break;
    case 'retire':
      retirePlugin(draft, event.plugin, event.reason);
      break;
    default:
      ofGeneration(draft, event);
  }
  return { history: draft.history, steps: draft.steps };
}

function ofGeneration(draft: Draft, event: GenerationEvent): void {
  const plugin = draft.plugin(event.plugin);
  const one = draft.find(plugin, event.generation);
  if (event.type === 'built') {
    if (one === undefined) built(draft, plugin, event);
    else if (event.generation === 0 && event.hash !== one.hash) shippedAnew(draft, plugin, one, event.hash);
    return;
  }
  if (one === undefined) return;
  switch (event.type) {
    case 'staged':
      if (one.state === 'built') staged(draft, plugin, one);
      return;
    case 'stage-failed':
      if (one.state !== 'built' && one.state !== 'staged') return;
      if (event.isGone === true && one.generation !== 0) giveUp(draft, plugin, one, event.reason);
      else stageFailed(draft, plugin, one, event.reason);
      return;
    case 'checked':
      if (one.check !== 'pending') return;
      one.check = event.isPassed ? 'passed' : 'failed';
      if (!event.isPassed && one.state === 'probation') undo(draft, plugin, one, event.reason);
      else if (!event.isPassed && isStandby(one)) refuse(draft, plugin, one, event.reason);
      else judge(draft, plugin, one);
      return;
    case 'probed':
      if (one.state !== 'probation' || one.probation === null) return;
      if (!event.isPassed) {
        undo(draft, plugin, one, event.reason);
        return;
      }
      one.probation.probesPassed += 1;
      judge(draft, plugin, one);
      return;
    case 'called':
      if (one.state !== 'probation' && one.state !== 'committed') return;
      one.calls += event.calls;
      one.failedCalls += event.failedCalls;
      judge(draft, plugin, one);
      return;
    case 'crashed':
      crashed(draft, plugin, one, event);
      return;
    case 'drained':
      if (one.state === 'draining') draft.move(plugin, one, 'stopped', 'its last call has ended');
      return;
  }
}

function built(draft: Draft, plugin: PluginDraft, event: Extract<GenerationEvent, { type: 'built' }>): void {
  const { generation, hash, isChecked } = event;
  const isShipped = generation === 0;
  // An image may begin to ship what the volume has had under this name.
  const isLate = plugin.generations.some((other) => other.generation > generation);
  if (isLate && !isShipped) return;
  const one: GenerationDraft = {
    generation,
    hash,
    state: 'built',
    // What ships was proven when the image was built.
    isProven: isShipped,
    check: isChecked ? 'pending' : 'none',
    crashes: [],
    probation: null,
    calls: 0,
    failedCalls: 0,
  };
  const current = draft.find(plugin, plugin.current);
  if (isLate) plugin.generations.unshift(one);
  else plugin.generations.push(one);
  const why = reasonToReject(draft, plugin, one, current);
  if (why !== null) {
    draft.move(plugin, one, 'rejected', why);
    draft.tell(plugin, one, `Generation ${generation} was rejected: ${why}.`);
    return;
  }
  if (isShipped) plugin.current ??= 0;
  if (isLate && draft.wanted(plugin) !== generation) one.state = 'stopped';
  else draft.start(plugin, one);
}

/** The image has been changed: what is known of the old build says nothing of the new one. */
function shippedAnew(draft: Draft, plugin: PluginDraft, one: GenerationDraft, hash: string): void {
  Object.assign(one, { hash, crashes: [], calls: 0, failedCalls: 0 });
  plugin.current ??= 0;
  if (draft.wanted(plugin) === 0) draft.start(plugin, one);
}

function reasonToReject(
  draft: Draft,
  plugin: PluginDraft,
  one: GenerationDraft,
  current: GenerationDraft | undefined,
): string | null {
  if (plugin.quarantined.includes(one.hash)) return 'this very build is quarantined; change it, or lift the quarantine';
  if (current?.hash === one.hash) return `it is the same as generation ${current.generation}, which serves`;
  if (draft.history.isSafeMode && one.generation !== 0) return 'the claw is in safe mode';
  return null;
}

function staged(draft: Draft, plugin: PluginDraft, one: GenerationDraft): void {
  draft.move(plugin, one, 'staged', 'it is proven');
  if (plugin.quarantined.includes(one.hash)) refuse(draft, plugin, one, 'this very build is quarantined');
  else if (one.check === 'failed') refuse(draft, plugin, one, 'its type check failed');
  else if (!one.isProven) flipOrStop(draft, plugin, one);
  else if (draft.wanted(plugin) === one.generation) {
    // It has been through its probation, or ships: this is a restart.
    const point = plugin.current === one.generation ? one.generation : undefined;
    draft.move(plugin, one, 'probation', 'it starts again', point);
    draft.move(plugin, one, 'committed', 'it was committed before');
  } else dismiss(draft, plugin, one, 'another generation is meant to serve');
}

function flipOrStop(draft: Draft, plugin: PluginDraft, one: GenerationDraft): void {
  const current = plugin.current ?? -1;
  const isOverdue = current > one.generation && draft.find(plugin, current)?.state !== 'crashed';
  if (isOverdue && one.probation === null) dismiss(draft, plugin, one, `generation ${current} has come before it`);
  else flip(draft, plugin, one);
}

function dismiss(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  draft.move(plugin, one, 'stopped', reason);
  draft.stop(plugin, one, 'kill');
  tryNextSuspect(draft);
}

function stageFailed(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  if (!one.isProven || draft.wanted(plugin) !== one.generation) {
    refuse(draft, plugin, one, reason);
    return;
  }
  if (one.generation === 0 && one.crashes.length === 0) {
    // What ships was proven with the image: its surroundings are at fault, and a start by a person tries it again.
    draft.move(plugin, one, 'rejected', reason, plugin.current === 0 ? null : undefined);
    draft.stop(plugin, one, 'kill');
    draft.tell(plugin, one, `The plugin "${plugin.name}" did not start: ${reason}.`);
    return;
  }
  const signature = `stage ${reason}`;
  one.crashes.push({ at: draft.now, signature });
  restart(draft, plugin, one, { signature, cause: reason, readyMs: 0 });
}

/** Lost on the disk: nobody returns to it, and its hash is not to blame. The same build may be made again. */
function giveUp(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  const isCurrent = plugin.current === one.generation;
  const before = newestReturnable(plugin, one.generation)?.generation ?? null;
  const back = one.probation === null ? before : backOf(draft, plugin, one);
  one.probation = null;
  one.isProven = false;
  draft.move(plugin, one, 'rejected', reason, isCurrent ? back : undefined);
  draft.stop(plugin, one, 'kill');
  if (isCurrent) resume(draft, plugin, back);
  const serving = isCurrent ? ` ${describeServing(back)}` : '';
  draft.tell(plugin, one, `Generation ${one.generation} is lost: ${reason}.${serving}`);
  tryNextSuspect(draft);
}

/** A person's word: what is taken back is not quarantined. */
function rollBack(draft: Draft, name: string, to: number | undefined): void {
  const plugin = draft.plugin(name);
  const current = draft.find(plugin, plugin.current);
  if (current === undefined) return;
  if (draft.history.isSafeMode) {
    draft.tell(plugin, current, 'The claw is in safe mode and runs what ships. Restart it first.');
    return;
  }
  const target = to === undefined ? newestReturnable(plugin, current.generation) : draft.find(plugin, to);
  const isPossible = target !== undefined && target !== current && isReturnable(plugin, target);
  if (!isPossible) {
    draft.tell(plugin, current, `There is no proven generation ${to ?? 'before this one'} to go back to.`);
    return;
  }
  current.probation = null;
  if (current.state === 'probation' || current.state === 'committed') {
    draft.move(plugin, current, 'rolled-back', 'a person has taken it back', target.generation);
    resume(draft, plugin, target.generation);
    draft.move(plugin, current, 'draining', 'a person has taken it back');
    draft.stop(plugin, current, 'drain');
  } else {
    // It is about to start again, and need not.
    draft.move(
      plugin,
      current,
      current.state === 'crashed' ? 'stopped' : 'rejected',
      'a person has taken it back',
      target.generation,
    );
    draft.stop(plugin, current, 'kill');
    resume(draft, plugin, target.generation);
  }
}

/** A person's word against a build. What serves of it is taken back like any bad one. */
function forbid(draft: Draft, name: string, hash: string, reason: string): void {
  const plugin = draft.plugin(name);
  const builds = plugin.generations.filter((one) => one.hash === hash);
  const newest = builds.at(-1);
  if (newest === undefined || plugin.quarantined.includes(hash)) return;
  plugin.quarantined.push(hash);
  draft.steps.push({ do: 'quarantine', plugin: name, hash, reason });
  for (const one of builds) {
    const back = newestReturnable(plugin, one.generation)?.generation ?? null;
    const point = plugin.current === one.generation ? back : undefined;
    one.probation = null;
    switch (one.state) {
      case 'probation':
      case 'committed':
        if (point !== undefined) draft.move(plugin, one, 'rolled-back', reason, point);
        draft.move(plugin, one, 'draining', reason);
        draft.stop(plugin, one, 'drain');
        break;
      case 'built':
      case 'staged':
        draft.move(plugin, one, 'rejected', reason, point);
        draft.stop(plugin, one, 'kill');
        break;
      case 'crashed':
        draft.move(plugin, one, 'quarantined', reason, point);
        draft.stop(plugin, one, 'kill');
        break;
      default:
        if (point !== undefined) plugin.current = point;
    }
    if (point !== undefined) resume(draft, plugin, point);
  }
  draft.tell(plugin, newest, `Its build is quarantined: ${reason}. ${describeServing(plugin.current)}`);
  tryNextSuspect(draft);
}

function retirePlugin(draft: Draft, name: string, reason: string): void {
  const plugin = draft.plugin(name);
  const shipped = draft.find(plugin, 0);
  const back = shipped === undefined || plugin.quarantined.includes(shipped.hash) ? null : 0;
  for (const one of plugin.generations) {
    if (one.generation === back) continue;
    const point = plugin.current === one.generation ? back : undefined;
    one.probation = null;
    switch (one.state) {
      case 'probation':
      case 'committed':
        draft.move(plugin, one, 'draining', reason, point);
        draft.stop(plugin, one, 'drain');
        break;
      case 'built':
      case 'staged':
        draft.move(plugin, one, 'rejected', reason, point);
        draft.stop(plugin, one, 'kill');
        break;
      case 'crashed':
        draft.move(plugin, one, 'stopped', reason, point);
        draft.stop(plugin, one, 'kill');
        break;
      default:
        if (point !== undefined) plugin.current = back;
    }
  }
  resume(draft, plugin, back);
  const newest = plugin.generations.at(-1);
  if (draft.steps.length > 0 && newest !== undefined)
    draft.tell(plugin, newest, `What "${name}" provides is gone: ${reason}.`);
  tryNextSuspect(draft);
}

/** What served before its quarantine, and left nothing behind to serve in its place, gets another chance. */
function unquarantine(draft: Draft, name: string, hash: string): void {
  const plugin = draft.plugin(name);
  if (!plugin.quarantined.includes(hash)) return;
  plugin.quarantined = plugin.quarantined.filter((one) => one !== hash);
  const lifted = plugin.generations.findLast((one) => one.isProven && one.hash === hash);
  if (plugin.current !== null || lifted === undefined) return;
  lifted.crashes = [];
  plugin.current = lifted.generation;
  if (draft.wanted(plugin) === lifted.generation) draft.start(plugin, lifted);
}

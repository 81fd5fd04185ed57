import type { Draft, GenerationDraft, PluginDraft } from './draft.ts';

/** A generation that has been proven before it serves begins to serve, and to be watched. */
export function flip(draft: Draft, plugin: PluginDraft, one: GenerationDraft): void {
  const before = draft.find(plugin, plugin.current);
  const resumed = one.probation;
  one.probation = {
    since: draft.now,
    watchedMs: resumed?.watchedMs ?? 0,
    probesPassed: resumed?.probesPassed ?? 0,
    probedAt: draft.now,
    returnTo: resumed?.returnTo ?? returnable(before, one),
  };
  draft.move(plugin, one, 'probation', 'it was proven before it serves', one.generation);
  if (before === undefined || before === one || before.state !== 'probation') return;
  dismissStandby(draft, plugin, before, `generation ${one.generation} has come after it`);
  draft.move(plugin, before, 'staged', `generation ${one.generation} is tried; it stands by`);
}

function returnable(before: GenerationDraft | undefined, one: GenerationDraft): number | null {
  if (before === undefined || before === one) return null;
  return before.isProven || before.state === 'probation' ? before.generation : null;
}

/** Warm, and not yet through its own probation: it serves again when the one that is tried after it does not hold. */
export function isStandby(one: GenerationDraft): boolean {
  return one.state === 'staged' && one.probation !== null;
}

/** One stands by at a time: the one behind `one` is let go, and what it would have returned to takes its place. */
function dismissStandby(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  const behind = draft.find(plugin, one.probation?.returnTo ?? null);
  if (behind === undefined || !isStandby(behind) || one.probation === null) return;
  one.probation.returnTo = behind.probation?.returnTo ?? null;
  behind.probation = null;
  draft.move(plugin, behind, 'stopped', reason);
  draft.stop(plugin, behind, 'drain');
}

/** Ends a probation, well or badly, when all that it takes is known. Nothing happens while it is not. */
export function judge(draft: Draft, plugin: PluginDraft, one: GenerationDraft): void {
  const { probation } = one;
  if (one.state !== 'probation' || probation === null) return;
  const { now, rules } = draft;
  const worse = describeErrorRate(draft, plugin, one);
  if (worse !== null) {
    undo(draft, plugin, one, worse);
    return;
  }
  if (one.check === 'failed') {
    undo(draft, plugin, one, 'its type check failed');
    return;
  }
  const watchedMs = probation.watchedMs + Math.max(0, now - probation.since);
  const isOver = watchedMs >= rules.probationMs && probation.probesPassed >= rules.probeRounds;
  if (isOver && one.check !== 'pending') commit(draft, plugin, one);
  else if (
    now - probation.probedAt >= rules.probationMs / rules.probeRounds &&
    probation.probesPassed < rules.probeRounds
  ) {
    probation.probedAt = now;
    draft.steps.push({ do: 'probe', plugin: plugin.name, generation: one.generation });
  }
}

/** Takes back a generation on probation that still lives: its open calls end, its hash does not come back. */
export function undo(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  const back = backOf(draft, plugin, one);
  one.probation = null;
  draft.move(plugin, one, 'rolled-back', reason, back);
  draft.quarantine(plugin, one, reason);
  resume(draft, plugin, back);
  retire(draft, plugin, one, reason);
  draft.tell(
    plugin,
    one,
    `Generation ${one.generation} was taken back: ${reason.replace(/\.$/, '')}. ${describeServing(back)}`,
  );
  tryNextSuspect(draft);
}

/** Who serves when this one does not: who did before it, unless that one has been found bad meanwhile. */
export function backOf(draft: Draft, plugin: PluginDraft, one: GenerationDraft): number | null {
  const before = draft.find(plugin, one.probation?.returnTo ?? null);
  if (before === undefined) return null;
  // The same build standing by would be held back with it.
  const isOther = before.isProven || before.hash !== one.hash;
  if (isReturnable(plugin, before) && isOther) return before.generation;
  const older = plugin.generations.filter((other) => other.generation < before.generation && other.isProven);
  return older.filter((other) => isReturnable(plugin, other)).at(-1)?.generation ?? null;
}

export function newestReturnable(plugin: PluginDraft, below: number): GenerationDraft | undefined {
  return plugin.generations.filter((one) => one.generation < below && isReturnable(plugin, one)).at(-1);
}

/** It has proven itself, or stands by. */
export function isReturnable(plugin: PluginDraft, one: GenerationDraft): boolean {
  return (one.isProven || isStandby(one)) && !plugin.quarantined.includes(one.hash);
}

/** The generation that is pointed at serves: it is warm, or has to start again. */
export function resume(draft: Draft, plugin: PluginDraft, generation: number | null): void {
  const back = draft.find(plugin, generation);
  // In safe mode only the pointer moves.
  if (back === undefined || draft.wanted(plugin) !== generation) return;
  if (isStandby(back) && back.probation !== null) {
    Object.assign(back.probation, { since: draft.now, probedAt: draft.now });
    draft.move(plugin, back, 'probation', 'it serves again', back.generation);
    return;
  }
  if (back.state !== 'committed' && back.state !== 'built') draft.start(plugin, back);
}

/** One by one, so that the next death of the host has one name. */
export function tryNextSuspect(draft: Draft): void {
  const isTrying = draft.plugins.some((plugin) =>
    plugin.generations.some((one) => one.state === 'probation' || (one.state === 'built' && !one.isProven)),
  );
  const [next, ...rest] = draft.history.suspects;
  if (isTrying || next === undefined) return;
  draft.history.suspects = rest;
  const plugin = draft.plugin(next.plugin);
  const one = draft.find(plugin, next.generation);
  const isStillMeant = one !== undefined && one.state === 'crashed' && !plugin.quarantined.includes(one.hash);
  // What was saved since then has taken its place.
  if (isStillMeant && one.generation === newest(plugin)) draft.start(plugin, one);
  else tryNextSuspect(draft);
}

export function describeServing(generation: number | null): string {
  return generation === null ? 'Nothing serves in its place.' : `Generation ${generation} serves again.`;
}

function commit(draft: Draft, plugin: PluginDraft, one: GenerationDraft): void {
  dismissStandby(draft, plugin, one, `generation ${one.generation} is committed`);
  const before = draft.find(plugin, one.probation?.returnTo ?? null);
  one.probation = null;
  one.isProven = true;
  draft.move(plugin, one, 'committed', 'its probation is over');
  if (before?.state === 'committed') retire(draft, plugin, before, `generation ${one.generation} is committed`);
  tryNextSuspect(draft);
}

function retire(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  draft.move(plugin, one, 'draining', reason);
  draft.stop(plugin, one, 'drain');
}

function describeErrorRate({ rules, find }: Draft, plugin: PluginDraft, one: GenerationDraft): string | null {
  if (one.calls < rules.errorRateCalls) return null;
  const before = find(plugin, one.probation?.returnTo ?? null);
  const usual = before === undefined || before.calls === 0 ? 0 : before.failedCalls / before.calls;
  if (one.failedCalls / one.calls <= usual + rules.errorRateMargin) return null;
  return `${one.failedCalls} of its ${one.calls} calls failed, against ${Math.round(usual * 100)} % before it`;
}

function newest(plugin: PluginDraft): number {
  return Math.max(...plugin.generations.map((one) => one.generation));
}

import { endProbation } from './crash.ts';
import type { Draft, GenerationDraft, PluginDraft } from './draft.ts';
import type { MedicEvent } from './event.ts';
import { backOf, isStandby, tryNextSuspect } from './probation.ts';

/** A host has started: every process of the last one is gone. What is meant to serve starts, unless it is to blame. */
export function boot(draft: Draft, event: Extract<MedicEvent, { type: 'boot' }>): void {
  countBoot(draft, event);
  for (const plugin of draft.plugins) dropStandby(plugin);
  const onProbation = draft.plugins.flatMap((plugin) =>
    plugin.generations.filter((one) => one.state === 'probation').map((one) => ({ plugin, one })),
  );
  if (event.death === 'unrequested') blame(draft, onProbation);
  else for (const { one } of onProbation) pause(one, event.diedAt);
  for (const plugin of draft.plugins) {
    // Its check has ended with the host that ran it; nobody would ever hear of it.
    for (const one of plugin.generations) if (one.check === 'pending') one.check = 'none';
    restartPlugin(draft, plugin);
  }
  if (!draft.history.isSafeMode) tryNextSuspect(draft);
}

function countBoot(draft: Draft, { death, upMs }: Extract<MedicEvent, { type: 'boot' }>): void {
  const { history, now, rules } = draft;
  if (death !== 'unrequested') {
    // Somebody has seen to it.
    history.failedBoots = [];
    history.isSafeMode = false;
    return;
  }
  history.failedBoots = history.failedBoots.filter((at) => now - at < rules.bootWindowMs);
  if (upMs < rules.bootMs) history.failedBoots.push(now);
  if (history.failedBoots.length < rules.bootLimit || history.isSafeMode) return;
  history.isSafeMode = true;
  draft.steps.push({
    do: 'safe-mode',
    reason: `the host failed to boot ${history.failedBoots.length} times in ${rules.bootWindowMs / 60_000} minutes`,
  });
}

/** One alone on probation is taken for the cause. Of several nobody knows which: each is tried again alone. */
function blame(draft: Draft, onProbation: readonly { plugin: PluginDraft; one: GenerationDraft }[]): void {
  const [first, ...others] = onProbation;
  if (first === undefined) return;
  if (others.length === 0) {
    endProbation(draft, first.plugin, first.one, 'the host died while it was on probation');
    return;
  }
  for (const { plugin, one } of onProbation) {
    const back = backOf(draft, plugin, one);
    // From the beginning: what was seen of it was seen beside others.
    one.probation = null;
    draft.move(plugin, one, 'crashed', 'the host died while several were on probation', back);
    draft.history.suspects.push({ plugin: plugin.name, generation: one.generation });
  }
}

/** What stood by was not through its probation, and its process is gone. */
function dropStandby(plugin: PluginDraft): void {
  for (const one of plugin.generations.filter(isStandby)) {
    one.state = 'stopped';
    one.probation = null;
  }
}

/** The time that it was watched counts; the time without a host does not. */
function pause(one: GenerationDraft, diedAt: number): void {
  if (one.probation === null) return;
  one.probation.watchedMs += Math.max(0, diedAt - one.probation.since);
}

function restartPlugin(draft: Draft, plugin: PluginDraft): void {
  const shipped = draft.find(plugin, 0);
  // What ships and could not start the last time may find better surroundings now.
  if (plugin.current === null && shipped?.state === 'rejected' && !plugin.quarantined.includes(shipped.hash))
    plugin.current = 0;
  const wanted = draft.wanted(plugin);
  const isSuspect = (one: GenerationDraft) =>
    draft.history.suspects.some(
      ({ plugin: name, generation }) => name === plugin.name && generation === one.generation,
    );
  for (const one of plugin.generations) {
    const isStarting = draft.steps.some(
      (step) => step.do === 'start' && step.plugin === plugin.name && step.generation === one.generation,
    );
    if (isStarting || isSuspect(one)) continue;
    if (one.generation === wanted && !plugin.quarantined.includes(one.hash)) draft.start(plugin, one);
    else if (!draft.history.isSafeMode && isCandidate(one)) draft.start(plugin, one);
    else if (!['rejected', 'quarantined'].includes(one.state)) one.state = 'stopped';
  }
}

/** Built, and not yet proven when the host ended. */
function isCandidate(one: GenerationDraft): boolean {
  return (one.state === 'built' || one.state === 'staged') && !one.isProven;
}

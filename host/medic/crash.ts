import type { Draft, GenerationDraft, PluginDraft } from './draft.ts';
import type { GenerationEvent } from './event.ts';
import { backOf, describeServing, resume, tryNextSuspect } from './probation.ts';

type Crash = Pick<Extract<GenerationEvent, { type: 'crashed' }>, 'signature' | 'cause' | 'readyMs' | 'limit'>;

/** A process has died, or its generation cannot go on. */
export function crashed(draft: Draft, plugin: PluginDraft, one: GenerationDraft, crash: Crash): void {
  const cause = crash.cause === undefined ? '' : `: ${crash.cause}`;
  one.crashes.push({ at: draft.now, signature: crash.signature });
  switch (one.state) {
    case 'built':
    case 'staged':
      if (one.isProven && draft.wanted(plugin) === one.generation) restart(draft, plugin, one, crash);
      else refuse(draft, plugin, one, `it died before it served${cause}`);
      return;
    case 'probation':
      endProbation(draft, plugin, one, `it crashed on probation${cause}`);
      tryNextSuspect(draft);
      return;
    case 'committed':
      draft.move(plugin, one, 'crashed', `its process died${cause}`);
      // The one that is kept warm is started when somebody has to return to it.
      if (draft.wanted(plugin) === one.generation) restart(draft, plugin, one, crash);
      return;
    case 'draining':
      draft.move(plugin, one, 'crashed', `it died while it drained${cause}`);
      draft.move(plugin, one, 'stopped', 'it died while it drained');
      return;
    case 'crashed':
    case 'rolled-back':
    case 'rejected':
    case 'quarantined':
    case 'stopped':
      return;
  }
}

/** Flips back first: the calls that now fail go to the generation before. */
export function endProbation(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  const back = backOf(draft, plugin, one);
  one.probation = null;
  draft.move(plugin, one, 'crashed', reason, back);
  draft.quarantine(plugin, one, reason);
  draft.move(plugin, one, 'quarantined', reason);
  resume(draft, plugin, back);
  draft.tell(
    plugin,
    one,
    `Generation ${one.generation} was taken back: ${reason.replace(/\.$/, '')}. ${describeServing(back)}`,
  );
}

/** Does not come to serve: whoever serves now goes on. One that had served on probation before the host restarted is undone. */
export function refuse(draft: Draft, plugin: PluginDraft, one: GenerationDraft, reason: string): void {
  const isCurrent = plugin.current === one.generation;
  const back = backOf(draft, plugin, one);
  one.probation = null;
  draft.move(plugin, one, 'rejected', reason, isCurrent ? back : undefined);
  draft.stop(plugin, one, 'kill');
  if (isCurrent) {
    draft.quarantine(plugin, one, reason);
    resume(draft, plugin, back);
  }
  draft.tell(plugin, one, `Generation ${one.generation} was rejected: ${reason}.`);
  tryNextSuspect(draft);
}

/** A proven generation starts again, later each time; too many crashes lead back to one that does not have this fault. */
export function restart(
  draft: Draft,
  plugin: PluginDraft,
  one: GenerationDraft,
  { signature, cause, readyMs, limit }: Crash,
): void {
  const { now, rules } = draft;
  const recent = one.crashes.filter(({ at }) => now - at < rules.crashWindowMs);
  if (recent.length < (limit ?? rules.crashLimit)) {
    draft.start(plugin, one, backoffMs(draft, one, readyMs));
    return;
  }
  const last = cause === undefined ? '' : `, the last time so: ${cause}`;
  const reason = `it crashed ${recent.length} times in ${rules.crashWindowMs / 60_000} minutes${last}`;
  // In safe mode there is nothing else to return to.
  const back = draft.history.isSafeMode ? undefined : newestWithout(plugin, one, signature);
  const serving = back?.generation ?? null;
  const point = plugin.current === one.generation ? serving : undefined;
  if (one.state === 'crashed') draft.move(plugin, one, 'quarantined', reason, point);
  else draft.move(plugin, one, 'rejected', reason, point);
  draft.quarantine(plugin, one, reason);
  if (back !== undefined) resume(draft, plugin, back.generation);
  draft.tell(plugin, one, `Generation ${one.generation} is quarantined: ${reason}. ${describeServing(serving)}`);
}

function backoffMs({ now, rules }: Draft, one: GenerationDraft, readyMs: number): number {
  const crashes = one.crashes.filter(({ at }) => now - at < rules.backoffResetMs).length;
  const isFirst = crashes <= 1;
  if (isFirst && readyMs > rules.readyMs) return 0;
  return Math.min(
    rules.maxBackoffMs,
    rules.firstBackoffMs * 2 ** Math.max(0, crashes - (readyMs > rules.readyMs ? 2 : 1)),
  );
}

function newestWithout(plugin: PluginDraft, bad: GenerationDraft, signature: string): GenerationDraft | undefined {
  return plugin.generations
    .filter((one) => one !== bad && one.isProven && !plugin.quarantined.includes(one.hash) && one.hash !== bad.hash)
    .filter((one) => !one.crashes.some((crash) => crash.signature === signature))
    .sort((a, b) => b.generation - a.generation)[0];
}

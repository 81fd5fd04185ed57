import type { Log } from '@clay/sdk';
import type { GenerationState } from '../../generations/state.ts';
import type { GenerationStatus, Medic } from '../../medic/generations/medic.ts';
import type { Script } from '../script/script.ts';
import { type Extension, isKeptExtension, readExtension } from './kept-extension.ts';

export interface RecallOptions {
  readonly medic: Pick<Medic, 'generations'>;
  readonly generations: string;
  readonly log: Log;
}

/** What an earlier host has left of an extension. */
export interface Recalled {
  readonly name: string;
  /** What is meant to serve; null: nothing. */
  readonly current: Extension | null;
  /** The text that the last word was said on: as long as it lies there, there is nothing to do. */
  readonly judged: Script;
}

/** The extensions that the journal knows and the volume holds. */
export async function recall({ medic, generations, log }: RecallOptions): Promise<readonly Recalled[]> {
  const found: Recalled[] = [];
  for (const [name, statuses] of Map.groupBy(medic.generations(), ({ plugin }) => plugin)) {
    const kept = statuses.filter(({ generation }) => isKeptExtension(generations, name, generation));
    const current = kept.find(({ isCurrent }) => isCurrent);
    const judged = lastWord(kept, current);
    if (judged === undefined) continue;
    try {
      const read = ({ generation }: GenerationStatus) => readExtension(generations, name, generation);
      const extension = current === undefined ? null : await read(current);
      const { script } = judged === current && extension !== null ? extension : await read(judged);
      found.push({ name, current: extension, judged: script });
    } catch (error) {
      // Its file is looked at anew, like one that nobody knows.
      log.error('extension.damaged', {
        extension: name,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return found;
}

/** States of a generation that nobody has judged by what it does. */
const untried: ReadonlySet<GenerationState> = new Set(['built', 'staged', 'rejected']);
const ended: ReadonlySet<GenerationState> = new Set(['draining', 'stopped']);

/**
 * The generation whose text need not be tried again: what serves, what waits for the end of the safe mode, or the one
 * that was taken back, which would otherwise return with every restart. What was rejected may fit by now; what was
 * retired had no file any more.
 */
function lastWord(
  kept: readonly GenerationStatus[],
  current: GenerationStatus | undefined,
): GenerationStatus | undefined {
  const [newest] = kept;
  if (newest === undefined) return undefined;
  const isRetired = current === undefined && ended.has(newest.state);
  const isJudged = newest.isQuarantined || !(untried.has(newest.state) || isRetired);
  return isJudged ? newest : current;
}

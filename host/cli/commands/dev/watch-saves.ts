import { watch } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { systemClock } from '../../../clock.ts';
import type { PluginPlace } from '../../sources/plugin-sources.ts';

/** An editor saves in several steps, and a program several files: what follows within this time is one save. */
const quietMs = 80;

/**
 * Calls `onSave` now, and after every save, until the signal ends it; never twice at once, and once more when something
 * was saved meanwhile.
 */
export async function watchSaves(
  { path, isFolder }: PluginPlace,
  signal: AbortSignal,
  onSave: () => Promise<void>,
): Promise<void> {
  // The folder of a file: an editor may put a new file into the old one's place.
  const events = watch(isFolder ? path : dirname(path), { recursive: isFolder, signal });
  let isDue = true;
  let wake = (): void => {};
  const listening = listen();
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  while (!signal.aborted) {
    if (isDue) {
      isDue = false;
      await onSave();
      continue;
    }
    await Promise.race([new Promise<void>((resolve) => (wake = resolve)), aborted, listening]);
    await systemClock.sleep(quietMs, signal).catch(() => {});
  }
  await listening;

  async function listen(): Promise<void> {
    try {
      for await (const { filename } of events) {
        if (!isFolder && filename !== basename(path)) continue;
        if (filename?.includes('node_modules')) continue;
        isDue = true;
        wake();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

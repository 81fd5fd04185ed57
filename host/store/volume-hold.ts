import { existsSync } from 'node:fs';
import { Connection } from './connection.ts';
import { StoreError } from './store-error.ts';
import { lockFileOf, noteFileOf } from './volume-lock.ts';

/** `free`: its last holder released it, or there never was one. `left`: its last holder is gone and did not release it. */
export type VolumeHold = 'held' | 'free' | 'left';

/** Who holds a volume now. Reads only: neither takes the volume nor writes to it. */
export function readVolumeHold(folder: string): VolumeHold {
  const lockFile = lockFileOf(folder);
  // Without its file nobody can tell whether a lock is held; a note beside it says that somebody had one.
  const whenUnlocked = () => (existsSync(noteFileOf(folder)) ? 'left' : 'free');
  if (!existsSync(lockFile)) return whenUnlocked();
  const connection = new Connection(lockFile, { readonly: true, busyTimeoutMs: 0 });
  try {
    connection.prepare('SELECT count(*) FROM sqlite_master').all();
    return whenUnlocked();
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'DATABASE_BUSY') return 'held';
    throw error;
  } finally {
    connection.close();
  }
}

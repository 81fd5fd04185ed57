import type { Clock } from '@clay/sdk';

export interface WatchParentOptions {
  readonly clock: Clock;
  /** Asked again and again: the machine gives an orphan another parent. */
  readonly parent: () => number;
  /** Called once. */
  readonly onGone: () => void;
}

const lookEveryMs = 1_000;

/** Hears when the process that has started this one is gone. Gives what ends the watch. */
export function watchParent({ clock, parent, onGone }: WatchParentOptions): () => void {
  const first = parent();
  let cancel = () => {};
  const look = () => {
    if (parent() === first) cancel = clock.after(lookEveryMs, look);
    else onGone();
  };
  look();
  return () => cancel();
}

import type { Clock, Log } from '@clay/sdk';
import type { ChildRegistry } from '../../process/child-registry.ts';
import type { Lanes } from '../lanes.ts';
import { type LaneEntry, laneEntry } from './lane-entry.ts';
import { defaultLaneLimits, type LaneLimits } from './lane-limits.ts';
import { LanePool } from './lane-pool.ts';

export interface LanesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where children are written down for the next host. */
  readonly registry: ChildRegistry;
  /** A user of its own for the lanes, where the host may set one. Default: the host's. */
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined;
  /** What a lane's process runs. Default: {@link laneEntry}. */
  readonly entry?: LaneEntry | undefined;
  readonly limits?: Partial<LaneLimits>;
}

/** The lanes of a claw. None is started before the first script needs one. */
export function createLanes({ entry, limits, ...options }: LanesOptions): Lanes {
  // Looked for when it is needed: a claw without scripts has no use for it.
  const find = () => entry ?? laneEntry();
  return new LanePool({ ...options, entry: find, limits: { ...defaultLaneLimits, ...limits } });
}

import { type EndRecord, type ExitRecord, readExits } from '../supervisor/exit-log.ts';
import type { ReadMarker } from './run-marker.ts';
import { readMarker } from './run-marker.ts';

/** How the host before this one ended: what the medic's policy is told at boot. */
export interface LastExit {
  /** `none`: there has been no host on this volume. `requested`: by a signal, a patch, the end of its medic. */
  readonly death: 'none' | 'requested' | 'unrequested';
  readonly upMs: number;
  /** When it was last known alive, milliseconds since the epoch. */
  readonly diedAt: number;
}

/**
 * Tells how the last host of a data folder ended: by the medic's exit log where there was a medic, else by the marker
 * that the host itself has kept. To be read before this host's own marker is written.
 */
export function readLastExit(dataFolder: string): LastExit {
  return judge(readMarker(dataFolder), readExits(dataFolder));
}

export function judge(marker: ReadMarker | null, exits: readonly ExitRecord[]): LastExit {
  const ends = exits.filter((record) => record.event === 'end');
  if (marker === null) return fromEnd(ends.at(-1) ?? null);
  const end = ends.findLast((record) => isSame(record, marker));
  if (end !== undefined) return fromEnd({ ...end, requested: end.requested || marker.isStopping });
  return {
    death: marker.isStopping ? 'requested' : 'unrequested',
    upMs: Math.max(0, marker.aliveAt - marker.startedAt),
    diedAt: marker.aliveAt,
  };
}

function fromEnd(end: EndRecord | null): LastExit {
  if (end === null) return { death: 'none', upMs: 0, diedAt: 0 };
  return { death: end.requested ? 'requested' : 'unrequested', upMs: end.upMs, diedAt: end.endedAt };
}

/** A pid comes again; with the ticks of its birth it does not. */
function isSame(record: ExitRecord, marker: ReadMarker): boolean {
  return record.pid === marker.pid && record.ticks === marker.ticks && record.machineRun === marker.machineRun;
}

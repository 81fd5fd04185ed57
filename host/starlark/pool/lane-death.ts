import type { ErrorCode } from '@clay/sdk';
import type { Death } from '../../generations/build.ts';
import { type DeathReason, describeDeath } from '../../process/process-death.ts';
import type { ProcessEnd } from '../../process/watched-process.ts';
import type { Channel } from './channel.ts';
import { isMemoryEnd } from './memory-end.ts';

export interface LaneDeathFacts {
  readonly end: ProcessEnd;
  readonly channel: Channel;
  readonly isBlamed: boolean;
  /** Names of the scripts that are at fault. */
  readonly blamed: readonly string[];
  /** Names of all that were in the lane. */
  readonly scripts: readonly string[];
  readonly now: number;
}

const codes: Readonly<Partial<Record<DeathReason, ErrorCode>>> = {
  unresponsive: 'TIMEOUT',
  memory: 'TOO_LARGE',
  wire: 'WIRE',
  flood: 'WIRE',
};

/** What the author of the script that was at fault can do. */
const remedies: Readonly<Partial<Record<DeathReason, string>>> = {
  unresponsive: ' Look for a loop without end, and do less in one call.',
  memory: ' Hold less at a time: read in parts, and keep results with kv.',
  flood: ' Print and ask less in one call.',
};

/** Tells the end of a lane to one of its scripts. */
export function describeLaneDeath({ end, channel, isBlamed, blamed, scripts, now }: LaneDeathFacts): Death {
  const { script, life, watch } = channel;
  const kind = isMemoryEnd(end) ? 'memory' : end.reason;
  const { report, message, signature, location, calls, output, phase } = describeDeath({
    ...end,
    plugin: script.name,
    generation: life.generation,
    hash: script.hash,
    // Its frames are the lane's own: a script's come with its fault.
    bundle: null,
    place: 'lane',
    phase: watch.phase,
    fault: watch.fault,
    calls: watch.unanswered(),
  });
  const whose = blamed.length === 0 ? 'a cause that is not known' : `the fault of ${blamed.map(quote).join(', ')}`;
  return {
    code: codes[kind] ?? 'UNAVAILABLE',
    message: isBlamed
      ? `${message}${remedies[kind] ?? ''}`
      : `${message} It ended by ${whose}; "${script.name}" starts again elsewhere.`,
    signature,
    location,
    livedMs: now - channel.openedAt,
    isBlamed,
    fault: watch.fault,
    details: {
      reason: end.reason,
      phase,
      pid: end.pid,
      exitCode: end.exitCode,
      signal: end.signal,
      residentBytes: end.residentBytes,
      laneLivedMs: end.livedMs,
      scripts: [...scripts],
      blamed: [...blamed],
      calls: calls.map(({ id, capability, isAcked, ageMs }) => ({ id, capability, isAcked, ageMs })),
      output,
      report: report === null ? null : { ...report, stack: [...report.stack] },
    },
  };
}

/** Tells the end of a script that gave up by itself while its lane lives: its runtime could not go on. */
export function describeBreak({ script, life, watch, openedAt }: Channel, now: number): Death {
  const calls = watch.unanswered().map(({ id, capability, isAcked, ageMs }) => ({ id, capability, isAcked, ageMs }));
  return {
    code: 'INTERNAL',
    message: `The script "${script.name}", generation ${life.generation}, broke off its line to the host.`,
    signature: `broke-off ${script.name}`,
    location: watch.fault?.location ?? null,
    livedMs: now - openedAt,
    isBlamed: true,
    fault: watch.fault,
    details: { reason: 'broke-off', phase: watch.phase, calls },
  };
}

function quote(name: string): string {
  return `"${name}"`;
}

import { createHash } from 'node:crypto';
import type { Fault } from '@clay/sdk/wire';
import type { ChildPhase, UnansweredCall } from './line-watch.ts';
import { type NodeReport, takeReport } from './node-report.ts';
import { topFrame } from './top-frame.ts';

/**
 * Why a process ended. `requested`: the host had closed its line. `exited`, `signalled`: by itself, or by somebody else
 * on the machine. `closed-line`: it lived, but spoke no more. The others the host has killed.
 */
export type DeathReason =
  | 'requested'
  | 'exited'
  | 'signalled'
  | 'closed-line'
  | 'wire'
  | 'flood'
  | 'unresponsive'
  | 'memory';

/** The end of one process of one generation, with all that is known of it. */
export interface ProcessDeath {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly pid: number;
  readonly phase: ChildPhase;
  readonly reason: DeathReason;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** One sentence for a person or a model. */
  readonly message: string;
  /** What the plugin told before it ended. */
  readonly fault: Fault | null;
  /** `file:line:column` in the plugin's source. */
  readonly location: string | null;
  /** The same for the same fault. */
  readonly signature: string;
  /** The last of what it wrote to its standard output and error. */
  readonly output: string;
  readonly report: NodeReport | null;
  readonly calls: readonly UnansweredCall[];
  /** The last that was measured. */
  readonly residentBytes: number;
  readonly livedMs: number;
}

export type DeathFacts = Omit<ProcessDeath, 'message' | 'location' | 'signature' | 'report'> & {
  /** The file that was started; null when no frame of it is the author's. */
  readonly bundle: string | null;
  /** What the process is to the plugin. Default: `process`. */
  readonly place?: 'process' | 'lane';
  /** What the host saw that made it kill the process. */
  readonly cause: string | null;
};

type Facts = Omit<DeathFacts, 'bundle' | 'cause' | 'place'>;

/** Puts together what is known of a death. */
export function describeDeath({ bundle, cause, place: kind = 'process', ...facts }: DeathFacts): ProcessDeath {
  const { report, rest } = takeReport(facts.output);
  const frame = bundle === null ? null : topFrame(rest, bundle);
  const location = facts.fault === null ? frame : facts.fault.location;
  const what = [describeEnd(facts, cause), facts.fault?.failure.error, report?.event].filter(
    (one) => one !== undefined,
  );
  const place = location === null ? '' : ` (${location})`;
  return {
    ...facts,
    message: `The ${kind} of "${facts.plugin}", generation ${facts.generation}, ${what.join(': ')}${place}${describeCalls(facts.calls)}.`,
    location,
    signature: signatureOf(facts, location),
    output: rest,
    report,
  };
}

function describeEnd({ reason, phase, exitCode, signal }: Facts, cause: string | null): string {
  const when = { load: 'while it loaded', setup: 'in setup', staged: 'while it was staged', live: 'while live' };
  const where = phase === 'draining' ? 'while it drained' : when[phase];
  switch (reason) {
    case 'requested':
      return `was ended ${where}`;
    case 'exited':
      return `exited with code ${exitCode} ${where}`;
    case 'signalled':
      return `was ended by ${signal} ${where}`;
    case 'closed-line':
      return `closed its line to the host ${where}, and was killed`;
    case 'wire':
    case 'flood':
    case 'unresponsive':
    case 'memory':
      return `was killed ${where}${cause === null ? '' : `, because ${cause}`}`;
  }
}

function describeCalls(calls: readonly UnansweredCall[]): string {
  if (calls.length === 0) return '';
  const named = calls.slice(0, 5).map(({ id, capability, isAcked, ageMs }) => {
    return `${capability} (${id}, ${isAcked ? 'accepted' : 'not accepted'}, ${ageMs} ms)`;
  });
  const more = calls.length > named.length ? ` and ${calls.length - named.length} more` : '';
  return `, with unanswered calls: ${named.join(', ')}${more}`;
}

/** Without a frame, what ran stands in for where it ran. */
function signatureOf(
  { plugin, reason, exitCode, signal, fault, calls, phase }: Facts,
  location: string | null,
): string {
  const how = reason === 'exited' || reason === 'signalled' ? (signal ?? exitCode) : reason;
  const where = location ?? [phase, ...new Set(calls.map(({ capability }) => capability))].sort().join(' ');
  const parts = [plugin, how, fault?.failure.code ?? '', where];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

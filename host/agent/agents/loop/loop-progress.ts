import { functionResponses } from '../../contents/calls.ts';
import type { LiveEvent } from '../../sessions/live-session.ts';
import {
  type BegunNote,
  type EndedNote,
  type ReportNote,
  readNote,
  type StepNote,
  type StepPlace,
} from './loop-note.ts';
import type { SignalLoopPlan } from './loop-plan.ts';

/** Where a loop stands, as its stored events tell. */
export interface LoopProgress {
  readonly begun: BegunNote | undefined;
  /** The process that works on it now: since when, and what was worked before. */
  readonly life: { readonly at: number; readonly elapsedMs: number };
  readonly reports: readonly ReportNote[];
  /** Begun and without a report. */
  readonly open: StepNote | undefined;
  /** Failed tries of the open step. */
  readonly retries: number;
  readonly ended: EndedNote | undefined;
}

/** Of the loop whose `delegate` call has this id. */
export function readProgress(events: readonly LiveEvent[], callId: string): LoopProgress {
  let begun: BegunNote | undefined;
  let life = { at: 0, elapsedMs: 0 };
  let open: StepNote | undefined;
  let retries = 0;
  let ended: EndedNote | undefined;
  const reports: ReportNote[] = [];
  for (const event of events) {
    const note = event.isolationScope === callId ? readNote(event) : undefined;
    switch (note?.kind) {
      case 'begun':
        begun = note;
        life = { at: event.timestamp, elapsedMs: 0 };
        break;
      case 'resumed':
        life = { at: event.timestamp, elapsedMs: note.elapsedMs };
        break;
      case 'step':
        open = note;
        retries = 0;
        break;
      case 'retry':
        retries++;
        break;
      case 'report':
        open = undefined;
        reports.push(note);
        break;
      case 'ended':
        ended = note;
        break;
      case undefined:
    }
  }
  return { begun, life, reports, open, retries, ended };
}

/** Milliseconds that earlier processes worked on the loop: a claw that is down does not work. */
export function workedMs(events: readonly LiveEvent[], callId: string): number {
  const { life } = readProgress(events, callId);
  // Results that a new process wrote for calls that were cut off are younger than the work.
  const last = events.findLast((event) => isOfLoop(event, callId) && functionResponses(event).length === 0);
  return life.elapsedMs + Math.max(0, (last?.timestamp ?? life.at) - life.at);
}

/** What comes behind the reports; an end when the last one asks for it. */
export function nextStep(plan: SignalLoopPlan, { reports, open }: LoopProgress): StepPlace | EndedNote {
  if (open !== undefined) return open;
  const last = reports.at(-1);
  if (last === undefined) return placeOf(plan, 1, 0);
  const { iteration, index, signal, why = '', failure, who } = last;
  const end = (outcome: EndedNote['outcome'], reason: string): EndedNote => ({
    kind: 'ended',
    outcome,
    iterations: iteration,
    why: reason,
  });
  if (failure) return end('failed', `${who} could not go on: ${failure.message} (${failure.code})`);
  if (signal === 'done') return end('done', why);
  if (signal === 'pause') return end('paused', why);
  if (index + 1 < plan.agents.length) return placeOf(plan, iteration, index + 1);
  if (iteration < plan.maxIterations) return placeOf(plan, iteration + 1, 0);
  return end('capped', `It has used up its ${plan.maxIterations} iterations. The last word of ${who}: ${why}`);
}

/** The isolation scope of one agent's part: it sees its own events of this round, and its task. */
export function stepScope(callId: string, { iteration, index }: Pick<StepPlace, 'iteration' | 'index'>): string {
  return `${callId}/${iteration}.${index + 1}`;
}

function isOfLoop({ isolationScope }: LiveEvent, callId: string): boolean {
  return isolationScope === callId || isolationScope?.startsWith(`${callId}/`) === true;
}

function placeOf(plan: SignalLoopPlan, iteration: number, index: number): StepPlace {
  return { iteration, index, who: plan.agents[index]?.name ?? '' };
}

import type { EventJson } from '../../event-json.ts';

/** What a loop writes down about itself, one event each: shown to whoever watches, and all that a new process needs to go on. */
export type LoopNote = BegunNote | ResumedNote | StepNote | RetryNote | ReportNote | EndedNote;

/** One agent's part in one round. */
export interface StepPlace {
  /** From 1. */
  readonly iteration: number;
  /** Of the agent in the loop, from 0. */
  readonly index: number;
  readonly who: string;
}

export interface BegunNote {
  readonly kind: 'begun';
  readonly maxIterations: number;
  /** Hash of each gate's file, null where there is none. */
  readonly gate: Readonly<Record<string, string | null>>;
  /** Of the turn, before the loop. */
  readonly spent: { readonly tokens: number; readonly costUsd: number };
}

/** A new process goes on. */
export interface ResumedNote {
  readonly kind: 'resumed';
  /** Worked before it. */
  readonly elapsedMs: number;
}

export interface StepNote extends StepPlace {
  readonly kind: 'step';
}

export interface RetryNote extends StepPlace {
  readonly kind: 'retry';
  readonly code: string;
  readonly waitMs: number;
}

export interface ReportNote extends StepPlace {
  readonly kind: 'report';
  readonly report: string;
  /** Of the reviewer. */
  readonly signal?: Signal;
  readonly why?: string;
  /** The agent could not go on, and the loop cannot either. */
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface EndedNote {
  readonly kind: 'ended';
  readonly outcome: LoopEnd;
  readonly iterations: number;
  readonly why: string;
}

export const signals = ['done', 'pause', 'continue'] as const;
export type Signal = (typeof signals)[number];
export type LoopEnd = 'done' | 'paused' | 'capped' | 'failed';

export function readNote(event: Pick<EventJson, 'customMetadata'>): LoopNote | undefined {
  return event.customMetadata?.loop as LoopNote | undefined;
}

/** One line for a person. */
export function noteText(loop: string, max: number, note: LoopNote): string {
  switch (note.kind) {
    case 'begun':
      return `${loop} begins: at most ${max} iterations.`;
    case 'resumed':
      return `${loop} goes on after a restart.`;
    case 'step':
      return `${loop}, iteration ${note.iteration} of ${max}: ${note.who} works.`;
    case 'retry':
      return `${loop}, iteration ${note.iteration} of ${max}: ${note.who} failed (${note.code}); again in ${note.waitMs / 1000} s.`;
    case 'report':
      return `${loop}, iteration ${note.iteration} of ${max}: ${note.who} ${reportText(note)}`;
    case 'ended':
      return `${loop} ended after ${note.iterations} of ${max} iterations: ${note.outcome}. ${note.why}`;
  }
}

function reportText({ signal, why, failure }: ReportNote): string {
  if (failure) return `could not go on (${failure.code}): ${failure.message}`;
  return signal === undefined ? 'is ready.' : `says ${signal}: ${why}`;
}

import { ClayError } from '@clay/sdk';
import type { ProgramEnd } from '../program/program-run.ts';
import { describeCall } from './shown-step.ts';
import type { RunResult } from './step.ts';

/** Why we ended a run. */
export type Stop =
  | { readonly why: 'cancelled'; readonly reason: unknown }
  | { readonly why: 'stalled'; readonly ms: number }
  | { readonly why: 'tokens'; readonly used: number };

export interface RunEnd {
  readonly result: RunResult | null;
  readonly stop: Stop | null;
  readonly end: ProgramEnd;
  /** What it wrote until then. */
  readonly written: string;
  readonly errorOutput: string;
  readonly tokens: number;
  readonly limits: { readonly maxTurns: number; readonly maxTokens: number; readonly maxCostUsd: number | undefined };
}

/** How it goes on after a run that reached a bound. */
const goOn = 'What it has done so far stays. Give it the next task to go on: it remembers this conversation.';

/**
 * The answer of a run.
 *
 * @throws ClayError in plain words when there is none, with what was written as its output
 */
export function answerOf(run: RunEnd): string {
  const { result, stop, written } = run;
  if (stop !== null) throw stopped(stop, run);
  if (result === null) throw crashed(run);
  if (result.subtype === 'success' && !result.isError) return withDenials(result.text.trim() || written, result);
  throw new ClayError(...failure(result, run), { output: withDenials(written, result) });
}

/** Whether the conversation that was to be resumed is not there any more, or its new name is taken. */
export function isLostSession({ result, errorOutput }: Pick<RunEnd, 'result' | 'errorOutput'>): boolean {
  const words = [...(result?.errors ?? []), errorOutput].join('\n');
  return (result === null || result.turns === 0) && /No conversation found|is already in use/.test(words);
}

function failure(result: RunResult, { limits }: RunEnd): ['TOO_LARGE' | 'MODEL' | 'UNAVAILABLE', string] {
  const words = [result.text, ...result.errors].filter(Boolean).join('; ') || result.subtype;
  if (result.subtype === 'error_max_turns' || result.terminalReason === 'max_turns') {
    return ['TOO_LARGE', `Claude Code stopped after ${limits.maxTurns} steps ("maxTurns"). ${goOn}`];
  }
  if (result.subtype === 'error_max_budget_usd') {
    return ['TOO_LARGE', `Claude Code stopped at ${limits.maxCostUsd} US dollars ("maxCostUsd"). ${goOn}`];
  }
  if (result.terminalReason === 'api_error' || /^API Error/.test(result.text)) {
    return ['MODEL', `Claude Code could not go on, as its model failed: ${words}`];
  }
  return ['UNAVAILABLE', `Claude Code failed (${result.subtype || 'no reason given'}): ${words}`];
}

function stopped(stop: Stop, { written, limits }: RunEnd): ClayError {
  const output = { output: written };
  switch (stop.why) {
    case 'cancelled': {
      const isLate = stop.reason instanceof ClayError && stop.reason.code === 'TIMEOUT';
      const message = isLate ? `Claude Code was ended: the time for it is up. ${goOn}` : 'Claude Code was cancelled.';
      return new ClayError(isLate ? 'TIMEOUT' : 'CANCELLED', message, output);
    }
    case 'stalled':
      return new ClayError('TIMEOUT', `Claude Code was ended: it gave no sign of life for ${stop.ms} ms.`, output);
    case 'tokens': {
      const message = `Claude Code was ended: it used ${stop.used} tokens, more than ${limits.maxTokens} ("maxTokens"). ${goOn}`;
      return new ClayError('TOO_LARGE', message, output);
    }
  }
}

function crashed({ end, written, errorOutput }: RunEnd): ClayError {
  const how = end.signal === null ? `exit code ${end.exitCode}` : `signal ${end.signal}`;
  const words = errorOutput === '' ? '' : `: ${errorOutput.slice(-1000)}`;
  return new ClayError('UNAVAILABLE', `Claude Code ended without a result (${how})${words}`, {
    output: written,
    ...(end.exitCode !== null && { exitCode: end.exitCode }),
  });
}

function withDenials(text: string, { denials }: RunResult): string {
  if (denials.length === 0) return text;
  const list = [...new Set(denials.map(({ tool, input }) => describeCall(tool, input)))];
  return `${text}\n\n(It was not allowed to: ${list.join('; ')})`.trim();
}

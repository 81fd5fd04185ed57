import { ClayError, type JsonObject } from '@clay/sdk';
import type { LiveEvent } from '../../sessions/live-session.ts';
import type { SignalLoopPlan } from './loop-plan.ts';
import { readProgress } from './loop-progress.ts';

/** What the agent that began a loop gets for it. Throws `MODEL` when the loop failed, with what there is. */
export function loopOutcome(plan: SignalLoopPlan, events: readonly LiveEvent[], callId: string): JsonObject {
  const { ended, reports } = readProgress(events, callId);
  if (ended === undefined) throw new ClayError('CANCELLED', `The loop ${plan.name} was stopped before its end.`);
  const { outcome, iterations, why } = ended;
  const reviewer = plan.agents.at(-1)?.name;
  const answer = reports.findLast(({ who }) => plan.agents.length === 1 || who !== reviewer)?.report ?? '';
  const review = reports.findLast(({ who }) => who === reviewer)?.report ?? '';
  if (outcome === 'failed') {
    throw new ClayError('MODEL', `The loop ${plan.name} failed in iteration ${iterations}: ${why}`, {
      output: answer,
      data: { outcome, iterations, review },
    });
  }
  return {
    agent: plan.name,
    outcome,
    why,
    iterations,
    answer,
    review,
    ...(plan.gate.length > 0 && { handOff: [...plan.gate] }),
    next: advice[outcome],
  };
}

const advice = {
  done: 'Read the hand-off files, if there are any, and give the person one report of what was done.',
  paused: 'Ask the person for what is needed; with their answer, begin a new loop that goes on from here.',
  capped: 'The work is not finished. Tell the person what is done, what is open, and that the limit ended it.',
} as const;

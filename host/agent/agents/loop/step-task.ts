import { cutMiddle } from '../../contents/cut-text.ts';
import type { ReportNote, StepPlace } from './loop-note.ts';
import type { SignalLoopPlan } from './loop-plan.ts';

/** Characters of one report as the next agent reads it. */
const maxReportLength = 12_000;

/** All that one agent is told for its part of a round. `missing`: what keeps the gate closed now. */
export function stepTask(
  plan: SignalLoopPlan,
  task: string,
  place: StepPlace,
  reports: readonly ReportNote[],
  missing: readonly string[],
): string {
  const { iteration, index, who } = place;
  const isReviewer = index === plan.agents.length - 1;
  const sections = [
    `You are ${who} in ${plan.name}, iteration ${iteration} of ${plan.maxIterations}. The task:\n\n${task}`,
    ...history(reports, iteration),
    ...readable(reports, place).map(
      (note) => `--- Report of ${note.who}, iteration ${note.iteration} ---\n${cut(note.report)}${verdict(note)}`,
    ),
    missing.length === 0 ? '' : `Before the loop can end as done: ${missing.join(' ')}`,
    isReviewer
      ? 'End your part with loop_signal. Without it the loop takes it for "continue".'
      : 'End your part with a report: what you did, how you know that it works, what is open.',
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** The reports of this round, and those of the last one that nobody has answered yet. */
function readable(reports: readonly ReportNote[], { iteration, index }: StepPlace): ReportNote[] {
  return reports.filter(
    (note) => note.iteration === iteration || (note.iteration === iteration - 1 && note.index >= index),
  );
}

/** One line for every round that is not shown whole. */
function history(reports: readonly ReportNote[], iteration: number): string[] {
  const rounds = reports.filter((note) => note.signal !== undefined && note.iteration < iteration - 1);
  if (rounds.length === 0) return [];
  return [`Rounds before:\n${rounds.map((note) => `- ${note.iteration}: ${note.signal}. ${note.why}`).join('\n')}`];
}

function verdict({ signal, why }: ReportNote): string {
  return signal === undefined ? '' : `\nSignal: ${signal}. ${why}`;
}

function cut(text: string): string {
  return cutMiddle(text, maxReportLength, (left) => `\n… [${left} characters left out] …\n`);
}

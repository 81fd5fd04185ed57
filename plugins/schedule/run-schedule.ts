import { ClayError, type Context, type Json, type JsonObject, toFailure } from '@clay/sdk';
import type { ScheduleConfig } from './config.ts';
import { formatInstant } from './rule.ts';
import type { Receipt, RunEnd, Schedule } from './schedule-table.ts';

/** An answer that is told to nobody. */
export const nothingToTell = 'NOTHING_TO_TELL';

type Caller = Pick<Context<ScheduleConfig>, 'call' | 'config'>;

/**
 * Runs what is due and tells its answer, each under a key of this instant: asked again by another process, the turn that
 * was begun goes on, and what was said is not said again. Throws `UNAVAILABLE` when the host takes no turns now.
 */
export async function runSchedule(
  ctx: Caller,
  schedule: Schedule,
  { dueAt, tries }: Receipt,
  signal: AbortSignal,
): Promise<RunEnd> {
  const key = `schedule/${schedule.id}/${dueAt}`;
  const outcome = await ctx.call(
    'service:turns.start',
    { user: schedule.user, text: message(schedule, dueAt), schedule: schedule.name },
    { key: `${key}/${tries}`, timeoutMs: ctx.config.runMs, signal },
  );
  const text = answerOf(outcome).trim();
  const ran = { outcome: 'ran', turn: turnOf(outcome) } as const;
  if (text === '' || text === nothingToTell) return { ...ran, reason: 'There was nothing to tell.' };
  try {
    return { ...ran, reason: await tell(ctx, schedule, text, `${key}/answer`, signal) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...ran, reason: `Nobody could be told: ${toFailure(error).error}` };
  }
}

/** Why nobody could be told; empty when somebody was. */
export async function tell(
  ctx: Caller,
  { user }: Pick<Schedule, 'user'>,
  text: string,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  let reason = '';
  // The chat that it was made in; one that was made elsewhere tells the person that the claw belongs to.
  for (const [place, to] of [['chat', { to: user }] as const, ['main', {}] as const]) {
    try {
      await ctx.call('service:chat.send', { text, ...to }, { key: `${key}/${place}`, signal });
      return '';
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code !== 'NOT_FOUND' && failure.code !== 'CAPABILITY_UNKNOWN') throw error;
      reason = `Nobody could be told: ${failure.error}`;
    }
  }
  return reason;
}

function message({ name, prompt, rule }: Schedule, dueAt: number): string {
  return `[SCHEDULE "${name}", due ${formatInstant(dueAt, rule.zone)}] Nobody is writing to you: this was planned.\n${prompt}\n\nYour answer is sent to the chat. Answer exactly ${nothingToTell} when there is nothing worth telling.`;
}

/** Of what `service:turns.start` gave, or of what a failure of it tells. */
export function turnOf(value: Json | undefined): string | null {
  const turn = typeof value === 'object' && value !== null ? (value as JsonObject).turn : undefined;
  return typeof turn === 'string' ? turn : null;
}

function answerOf(outcome: Json): string {
  const text = typeof outcome === 'object' && outcome !== null ? (outcome as JsonObject).text : undefined;
  if (typeof text === 'string') return text;
  throw new ClayError('INTERNAL', `service:turns.start gave ${JSON.stringify(outcome)} in place of {text}.`);
}

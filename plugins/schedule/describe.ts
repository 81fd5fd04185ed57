import type { JsonObject } from '@clay/sdk';
import { formatInstant, formatRule } from './rule.ts';
import type { Receipt, Schedule } from './schedule-table.ts';

/** As the model reads it. */
export function describeSchedule({ name, rule, prompt, catchUp, dueAt }: Schedule): JsonObject {
  return {
    name,
    when: formatRule(rule),
    next: dueAt === null ? 'never again' : formatInstant(dueAt, rule.zone),
    prompt,
    catch_up: catchUp,
  };
}

export function describeReceipt({ dueAt, instants, outcome, reason }: Receipt, zone: string): JsonObject {
  return {
    due: formatInstant(dueAt, zone),
    outcome,
    ...(reason !== '' && { reason }),
    ...(instants > 1 && { instants }),
  };
}

/** As people read it. */
export function listText(schedules: readonly Schedule[], receipts: readonly Receipt[]): string {
  if (schedules.length === 0) return 'Nothing is planned. Tell me what to do and when, and I will.';
  return schedules.map((schedule) => line(schedule, receipts)).join('\n');
}

function line({ id, name, rule, dueAt }: Schedule, receipts: readonly Receipt[]): string {
  const last = receipts.find(({ schedule }) => schedule === id);
  const next = dueAt === null ? 'not again' : `next ${formatInstant(dueAt, rule.zone)}`;
  const became = last === undefined ? '' : `; last ${last.outcome}${last.reason === '' ? '' : ` (${last.reason})`}`;
  return `- ${name}: ${formatRule(rule)}, ${next}${became}`;
}

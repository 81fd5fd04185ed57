import { ClayError } from '@clay/sdk';
import { Cron } from 'croner';
import { formatDuration, parseDuration } from './duration.ts';

/** When something is due. A time zone is an IANA name. */
export type Rule =
  | { readonly kind: 'cron'; readonly cron: string; readonly zone: string }
  | { readonly kind: 'every'; readonly everyMs: number; readonly anchor: number; readonly zone: string }
  | { readonly kind: 'at'; readonly at: number; readonly zone: string };

export interface RuleRequest {
  readonly cron?: string | undefined;
  readonly every?: string | undefined;
  readonly at?: string | undefined;
  readonly zone: string;
  readonly now: number;
  readonly minIntervalMs: number;
}

/** Occurrences that are looked at for the shortest gap. */
const lookAhead = 60;

/** @throws ClayError `BAD_ARGUMENTS`, naming what was given and what to write instead */
export function parseRule(request: RuleRequest): Rule {
  const { cron, every, at, now } = request;
  const zone = checkZone(request.zone);
  const given = [cron, every, at].filter((text) => text !== undefined);
  if (given.length !== 1) {
    throw bad(`Give exactly one of cron, every and at, not ${given.length === 0 ? 'none' : 'several'}.`);
  }
  if (cron !== undefined) return checkGaps({ kind: 'cron', cron: checkCron(cron, zone), zone }, request);
  if (every !== undefined) {
    const everyMs = parseDuration(every);
    if (everyMs === null || everyMs === 0)
      throw bad(`every is ${JSON.stringify(every)} and must be a duration such as "2h" or "1h30m".`);
    return checkGaps({ kind: 'every', everyMs, anchor: now, zone }, request);
  }
  const instant = parseInstant(at ?? '', zone);
  if (instant <= now) {
    throw bad(
      `at is ${JSON.stringify(at)}, which is ${formatInstant(instant, zone)}: that has passed; it is ${formatInstant(now, zone)}.`,
    );
  }
  return { kind: 'at', at: instant, zone };
}

/** The first due instant after `after`; null when there is none any more. */
export function nextDue(rule: Rule, after: number): number | null {
  switch (rule.kind) {
    case 'cron':
      return pattern(rule.cron, rule.zone).nextRun(new Date(after))?.getTime() ?? null;
    case 'every':
      // Also before the anchor, which a wrong clock may have set.
      return rule.anchor + (Math.floor((after - rule.anchor) / rule.everyMs) + 1) * rule.everyMs;
    case 'at':
      return rule.at > after ? rule.at : null;
  }
}

export function formatRule(rule: Rule): string {
  switch (rule.kind) {
    case 'cron':
      return `${rule.cron} (${rule.zone})`;
    case 'every':
      return `every ${formatDuration(rule.everyMs)}`;
    case 'at':
      return `once, ${formatInstant(rule.at, rule.zone)}`;
  }
}

/** `Tue 2026-03-10 08:00 Europe/Berlin`. */
export function formatInstant(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${zone}`;
}

function checkZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch (cause) {
    throw bad(
      `The time zone ${JSON.stringify(zone)} is not known; write an IANA name such as "Europe/Berlin" or "UTC".`,
      cause,
    );
  }
}

function checkCron(cron: string, zone: string): string {
  try {
    pattern(cron, zone);
    return cron.trim();
  } catch (cause) {
    const needed = `cron is ${JSON.stringify(cron)} and must be five fields, minute hour day month weekday, such as "0 8 * * mon-fri"`;
    const reason = (cause as Error).message.replace(/^Cron\w+: /, '');
    // The library would also take seconds and years.
    throw bad(cron.trim().split(/\s+/).length === 5 ? `${needed}: ${reason}` : `${needed}.`, cause);
  }
}

function checkGaps(rule: Rule, { now, minIntervalMs }: RuleRequest): Rule {
  let before = nextDue(rule, now);
  if (before === null) throw bad(`${formatRule(rule)} never comes.`);
  for (let count = 0; count < lookAhead; count++) {
    const next = nextDue(rule, before);
    if (next === null) break;
    if (next - before < minIntervalMs) {
      throw bad(
        `${formatRule(rule)} comes ${formatDuration(next - before)} after the run before it; the shortest time allowed between two runs is ${formatDuration(minIntervalMs)} (minInterval of the schedule plugin in clay.json).`,
      );
    }
    before = next;
  }
  return rule;
}

/** A time of a clock that is put forward comes right after the gap; one that comes twice is taken once, unless it is a step. */
function pattern(cron: string, zone: string): Cron {
  return new Cron(cron.trim(), { paused: true, mode: '5-part', timezone: zone, fixedTimeRule: 'no-wildcard' });
}

/** An ISO instant; without an offset it is a time of the zone. */
function parseInstant(text: string, zone: string): number {
  const trimmed = text.trim().replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T');
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i.test(trimmed)) {
    const instant = Date.parse(trimmed);
    if (!Number.isNaN(instant)) return instant;
  }
  const [, day, time, seconds = ':00'] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2})?$/.exec(trimmed) ?? [];
  if (day !== undefined && time !== undefined) {
    try {
      const run = new Cron(`${day}T${time}${seconds}`, { paused: true, timezone: zone, allowPast: true });
      const instant = run.nextRun(new Date(0))?.getTime();
      if (instant !== undefined) return instant;
    } catch (cause) {
      throw bad(`at is ${JSON.stringify(text)}, which is no date: ${(cause as Error).message}`, cause);
    }
  }
  throw bad(
    `at is ${JSON.stringify(text)} and must be an ISO instant such as "2026-03-10T08:00" or "2026-03-10T08:00:00Z".`,
  );
}

function bad(message: string, cause?: unknown): ClayError {
  return new ClayError('BAD_ARGUMENTS', message, cause === undefined ? {} : { cause });
}

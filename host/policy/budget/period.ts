export type Period = 'day' | 'month';

/** A day or a month of the claw, in milliseconds since the epoch. */
export interface Span {
  readonly since: number;
  /** Exclusive. */
  readonly until: number;
}

/** The period in which an instant lies. Days have 23 to 25 hours. */
export function spanAt(now: number, period: Period, timeZone: string): Span {
  const day = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).startOfDay();
  const first = period === 'day' ? day : day.with({ day: 1 }).startOfDay();
  const next = first.add(period === 'day' ? { days: 1 } : { months: 1 }).startOfDay();
  return { since: first.epochMilliseconds, until: next.epochMilliseconds };
}

/** The first moment of the next period, as people write it. */
export function formatEnd({ until }: Span, timeZone: string): string {
  const end = Temporal.Instant.fromEpochMilliseconds(until).toZonedDateTimeISO(timeZone);
  return `${end.toPlainDate()} ${end.toPlainTime().toString({ smallestUnit: 'minute' })} (${timeZone})`;
}

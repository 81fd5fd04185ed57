import { ClayError } from '@clay/sdk';
import { Cron as Croner } from 'croner';

/** A five-field cron expression, or a shorthand such as `@daily`, in the process's time zone. */
export interface Cron {
  readonly text: string;
  readonly pattern: Croner;
}

/** @throws ClayError `BAD_ARGUMENTS`, naming the expression and what is wrong in it */
export function parseCron(text: string): Cron {
  try {
    // Days and weekdays both given: either is enough, as crontab(5) has it.
    return { text, pattern: new Croner(text, { paused: true, mode: '5-part', sloppyRanges: true }) };
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Cron\w+: /, '');
    const message = `The cron expression ${JSON.stringify(text)} must be five fields, minute hour day month weekday: ${reason}`;
    throw new ClayError('BAD_ARGUMENTS', message, { cause });
  }
}

/** The next minute that fits, strictly after `after` (milliseconds since the epoch); null when none ever comes (31 February). */
export function nextRun({ pattern }: Cron, after: number): number | null {
  return pattern.nextRun(new Date(after))?.getTime() ?? null;
}

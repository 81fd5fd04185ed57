import { z } from 'zod';
import { parseDuration } from './duration.ts';

const duration = z.string().refine((text) => (parseDuration(text) ?? 0) > 0, {
  message: 'must be a duration such as "5m" or "1h30m"',
});

/** The plugin's section of `clay.json`. */
export const scheduleConfig = z.strictObject({
  timezone: z
    .string()
    .nullable()
    .default(null)
    .describe('Of schedules that name none, such as "Europe/Berlin". Default: the host’s own.'),
  maxSchedules: z.int().min(1).max(1000).default(50).describe('Schedules at a time.'),
  minInterval: duration.default('5m').describe('Shortest time between two runs of one schedule.'),
  maxRuns: z.int().min(1).max(16).default(4).describe('Schedules that run at the same time; others wait.'),
  catchUpRuns: z.int().min(1).max(100).default(5).describe('Runs that the policy "all" makes up for, the newest ones.'),
  runMs: z.int().min(1000).default(1_800_000).describe('Longest run, in milliseconds.'),
});

export type ScheduleConfig = z.infer<typeof scheduleConfig>;

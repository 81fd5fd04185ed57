import { z } from 'zod';
import { parseDuration } from './duration.ts';

const duration = z.string().refine((text) => parseDuration(text) !== null, {
  message: 'must be a duration such as "30m" or "1h30m"',
});
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "22:00"');

/** The plugin's section of `clay.json`. The host sets `heartbeat` from `HEARTBEAT_INTERVAL`, which wins. */
export const heartbeatConfig = z.strictObject({
  heartbeat: z
    .object({ interval: duration.nullable().default(null) })
    .nullable()
    .default(null),
  interval: duration.default('15m').describe('Time between heartbeats, from 1m to 24h; 0 turns them off.'),
  quietHours: z
    .strictObject({ from: time, to: time })
    .nullable()
    .default(null)
    .describe('When no heartbeat comes, in the claw’s time zone: { "from": "22:00", "to": "07:00" }.'),
});

export type HeartbeatConfig = z.infer<typeof heartbeatConfig>;

export const shortestMs = 60_000;
export const longestMs = 24 * 3_600_000;

/** Null: there are none. */
export function intervalOf({ heartbeat, interval }: HeartbeatConfig): number | null {
  const ms = parseDuration(heartbeat?.interval ?? interval) ?? 0;
  return ms === 0 ? null : clamp(ms);
}

export function clamp(ms: number): number {
  return Math.min(longestMs, Math.max(shortestMs, ms));
}

/** Chat services let one message a second into a chat, and twenty a minute into a group. */
const chatGapMs = 1_000;
const groupMinuteMs = 60_000;
const groupMinuteSends = 20;

/** How far back the tries of a chat matter, and how many of them. */
export const paceWindow = { ms: groupMinuteMs, tries: groupMinuteSends } as const;

/** The earliest time of the next send to a chat, from the times of its last tries, newest first. */
export function nextSendAt(tries: readonly number[], isGroup: boolean): number {
  const afterLast = (tries[0] ?? Number.NEGATIVE_INFINITY) + chatGapMs;
  const oldest = tries[groupMinuteSends - 1];
  if (!isGroup || oldest === undefined) return afterLast;
  return Math.max(afterLast, oldest + groupMinuteMs);
}

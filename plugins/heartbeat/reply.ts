import { clamp } from './config.ts';
import { parseDuration } from './duration.ts';

export interface Reply {
  /** What the person is to hear; null when all is well. */
  readonly text: string | null;
  /** When the next heartbeat was asked for, within the limits; null when it was not. */
  readonly nextMs: number | null;
  /** What stood behind `NEXT_HEARTBEAT:` and is no duration. */
  readonly unread: string | null;
}

const nextLine = /^[ \t]*NEXT_HEARTBEAT:[ \t]*(.*?)[ \t]*$/gm;

/** Reads the answer to a heartbeat. `HEARTBEAT_OK` has to be all of it: in a sentence it is only a word. */
export function parseReply(answer: string): Reply {
  let nextMs: number | null = null;
  let unread: string | null = null;
  const rest = answer.replace(nextLine, (_, told: string) => {
    const ms = parseDuration(told);
    if (ms === null || ms === 0) unread = told;
    else nextMs = clamp(ms);
    return '';
  });
  const text = rest.trim();
  return { text: text === '' || text === 'HEARTBEAT_OK' ? null : text, nextMs, unread };
}

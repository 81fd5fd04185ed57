import { eventText, functionCalls, functionResponses } from '../contents/calls.ts';
import type { LiveEvent } from '../sessions/live-session.ts';

/**
 * The answer in a list of events: all texts of the last speaker since the last tool call, joined. When there is none (the turn
 * ended with a tool), everything that was said.
 */
export function finalText(events: readonly LiveEvent[]): string {
  const whole = events.filter(({ partial, author }) => !partial && author !== 'user');
  const lastStep = whole.findLastIndex(
    (event) => functionCalls(event).length > 0 || functionResponses(event).length > 0,
  );
  const behind = whole.slice(lastStep + 1).filter((event) => eventText(event).trim() !== '');
  const speaker = behind.at(-1)?.author;
  const answer = speaker === undefined ? whole : behind.filter(({ author }) => author === speaker);
  return answer
    .map((event) => eventText(event).trim())
    .filter(Boolean)
    .join('\n\n');
}

/** Whether this event is the last of its turn: an answer of the main agent or a failure, not a step. */
export function endsTurn(event: LiveEvent | undefined, mainAgent: string): boolean {
  if (!event || event.author !== mainAgent || event.isolationScope !== undefined) return false;
  return functionCalls(event).length === 0 && functionResponses(event).length === 0;
}

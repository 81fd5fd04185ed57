import type { CommandContext } from './command.ts';

/** Cancels the running turn; what waits behind it is dropped, and said to be. */
export function stopTurns({ parts, agentHost, turns, message }: CommandContext): string {
  const { user, session, seq } = message;
  // First, or the next of them would be begun at once.
  const dropped = parts.store.inbox.cancelWaiting(user, session, seq);
  const running = agentHost.turns.running(agentHost.appName, user, session);
  if (running !== undefined) {
    turns.silence(running.id);
    running.cancel('the person stopped it');
  }
  const waiting =
    dropped === 0 ? '' : ` I dropped ${dropped === 1 ? 'one message' : `${dropped} messages`} that waited.`;
  if (running !== undefined) return `Stopped.${waiting}`;
  return dropped === 0 ? 'I was not doing anything.' : waiting.trim();
}

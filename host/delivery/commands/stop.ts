import type { CommandContext } from './command.ts';

/** Cancels the running turn; what waits behind it is dropped, and said to be. */
export function stopTurns({ parts, agentHost, turns, user, session, message }: CommandContext): string {
  // First, or the next of them would be begun at once.
  const dropped = message === null ? 0 : parts.store.inbox.cancelWaiting(user, session, message.seq);
  const running = agentHost.turns.running(agentHost.appName, user, session);
  // Beyond the channels, whoever waits for the turn is told of its end; here the answer to the command tells it.
  if (running !== undefined && message !== null) turns.silence(running.id);
  running?.cancel('the person stopped it');
  if (message === null) agentHost.turns.cancel(agentHost.appName, user, session);
  const waiting =
    dropped === 0 ? '' : ` I dropped ${dropped === 1 ? 'one message' : `${dropped} messages`} that waited.`;
  if (running !== undefined) return `Stopped.${waiting}`;
  return dropped === 0 ? 'I was not doing anything.' : waiting.trim();
}

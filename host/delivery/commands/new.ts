import type { CommandContext } from './command.ts';

/** Whoever took the message has begun the new session with it; a client of the ADK API names its sessions itself. */
export function tellNew({ parts, agentHost, user, session, message }: CommandContext): string {
  const stored = parts.store.sessions.events({ app: agentHost.appName, user, session }, 'all');
  if (message === null && stored.length > 0)
    return 'This conversation goes on: begin another one in the program that you use.';
  return 'We begin a new conversation. What I remember of you stays.';
}

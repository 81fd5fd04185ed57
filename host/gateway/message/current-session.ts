import type { AgentHost, SessionKey } from '../../agent/agent-host.ts';
import type { Settings } from '../../store/store.ts';
import type { Sender } from './message-request.ts';

/**
 * The conversation that a sender is in: kept in the store, so that a restart does not begin a new one. A session that was
 * deleted meanwhile is replaced by a new one.
 */
export function findCurrentSession(agentHost: AgentHost, settings: Settings, sender: Sender): SessionKey {
  const setting = settingName(sender);
  const found = settings.get(setting);
  if (typeof found === 'string') {
    const key = { app: agentHost.appName, user: sender.user, id: found };
    if (agentHost.sessions.has(key)) return key;
  }
  return startNewSession(agentHost, settings, sender);
}

export function startNewSession(agentHost: AgentHost, settings: Settings, sender: Sender): SessionKey {
  const session = agentHost.sessions.create({ app: agentHost.appName, user: sender.user });
  settings.set(settingName(sender), session.id);
  return { app: agentHost.appName, user: sender.user, id: session.id };
}

/** The protocol has no colon in it, so that no two senders share a name. */
function settingName(sender: Sender): string {
  return `session:${encodeURIComponent(sender.protocol)}:${sender.user}`;
}

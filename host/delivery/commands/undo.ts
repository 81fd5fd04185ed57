import type { EventJson } from '../../agent/event-json.ts';
import type { CommandContext } from './command.ts';
import { effectsOf } from './effects.ts';

/** Takes back the last turn, the running one when there is one, and tells what it did that stays. */
export async function undoTurn(context: CommandContext): Promise<string> {
  const { parts, agentHost, turns, user, session, message } = context;
  const key = { app: agentHost.appName, user, session };
  // A host that died in the middle has written down which turn it was, so that no second one is taken back.
  const turn = message?.turn ?? findLastTurn(context);
  if (turn === null) return 'There is nothing to take back in this conversation.';
  if (message?.turn === null) parts.store.inbox.begin(message.seq, turn);
  const running = agentHost.turns.get(turn);
  if (running !== undefined) {
    if (message !== null) turns.silence(turn);
    running.cancel('the person takes it back');
    await running.done;
  }
  const events = eventsOf(context).filter(({ invocationId }) => invocationId === turn);
  if (events.length === 0) return 'I have taken it back.';
  const said = textOf(events);
  const effects = effectsOf(events, turn, parts);
  await agentHost.sessions.rewind({ app: key.app, user, id: session }, turn);
  const taken = said === '' ? 'I have taken back the last turn.' : `I have taken back: “${said}”.`;
  if (effects.length === 0) return taken;
  return [`${taken} What it did outside of our conversation stays as it is:`, ...effects.map((one) => `- ${one}`)].join(
    '\n',
  );
}

function findLastTurn(context: CommandContext): string | null {
  const { agentHost, user, session } = context;
  const running = agentHost.turns.running(agentHost.appName, user, session);
  return running?.id ?? eventsOf(context).at(-1)?.invocationId ?? null;
}

function eventsOf({ parts, agentHost, user, session }: CommandContext): EventJson[] {
  const key = { app: agentHost.appName, user, session };
  if (parts.store.sessions.get(key, 'none') === undefined) return [];
  return parts.store.sessions.events(key, 'all').map(({ event }) => event as unknown as EventJson);
}

const shownLength = 80;

function textOf(events: readonly EventJson[]): string {
  const said = events.find(({ author }) => author === 'user')?.content?.parts ?? [];
  const text = said
    .map((part) => part.text ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = [...text];
  return letters.length <= shownLength ? text : `${letters.slice(0, shownLength).join('')}…`;
}

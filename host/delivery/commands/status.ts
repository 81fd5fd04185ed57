import { takesCalls } from '../../generations/state.ts';
import type { CommandContext } from './command.ts';

export function statusText(context: CommandContext): string {
  const { parts, agentHost, plugins, startedAt, user, session } = context;
  const { store, clock, version } = parts;
  const failing = plugins().filter(({ state }) => !takesCalls(state));
  const waiting = store.inbox.countOpen(user, session);
  const running = agentHost.turns.running(agentHost.appName, user, session);
  const { waiting: unsent, doubtful } = store.outbox.counts();
  const busy = running === undefined ? 'I am idle' : 'I am working on a message of yours';
  return [
    `Clay ${version}, up for ${inWords(clock.now() - startedAt)}, thinking with \`${agentHost.modelChoice.of(user)}\`.`,
    `- Here: ${busy}${waiting > 1 ? `, ${waiting - 1} wait` : ''}.`,
    `- Everywhere: ${counted(agentHost.turns.active(), 'turn')} at work or waiting, ${counted(unsent, 'message')} to be sent.`,
    ...(doubtful > 0 ? [`- ${counted(doubtful, 'message part')} may have come twice.`] : []),
    failing.length === 0
      ? '- All plugins run.'
      : `- Plugins that do not run: ${failing.map(({ name, state }) => `${name} (${state})`).join(', ')}.`,
  ].join('\n');
}

function inWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

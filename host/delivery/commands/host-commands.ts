import type { HostCommand } from './command.ts';
import { statusText } from './status.ts';
import { stopTurns } from './stop.ts';
import { undoTurn } from './undo.ts';
import { usageText } from './usage.ts';

const help: HostCommand['run'] = ({ all }) =>
  [
    'Write to me as you would to a person. These are answered at once, without the model:',
    ...all().map(({ name, description }) => `- /${name} – ${description}`),
  ].join('\n');

/** What people can type wherever they talk with the claw; plugins add theirs. */
export const hostCommands: readonly HostCommand[] = [
  { name: 'help', description: 'what you can type', run: help },
  {
    name: 'new',
    description: 'begins a new conversation; the old one is kept',
    // The inbox began it in the moment it took the message.
    run: () => 'We begin a new conversation. What I remember of you stays.',
  },
  { name: 'stop', description: 'ends what I am doing, and drops what waits', run: stopTurns },
  { name: 'undo', description: 'takes back your last message and all that followed from it', run: undoTurn },
  { name: 'status', description: 'how I am, and what I am doing', run: statusText },
  {
    name: 'model',
    description: 'which model I think with',
    run: ({ agentHost: { model } }) => `I think with \`${model.name}\` (${model.provider}).`,
  },
  { name: 'usage', description: 'what the model has cost', run: usageText },
];

/** What chat services send when a person meets a bot. */
export const commandAliases: Readonly<Record<string, string>> = { start: 'help' };

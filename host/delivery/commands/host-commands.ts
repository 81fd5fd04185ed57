import type { HostCommand } from './command.ts';
import { modelText } from './model.ts';
import { tellNew } from './new.ts';
import { statusText } from './status.ts';
import { stopTurns } from './stop.ts';
import { undoTurn } from './undo.ts';

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
    run: tellNew,
  },
  { name: 'stop', description: 'ends what I am doing, and drops what waits', run: stopTurns },
  { name: 'undo', description: 'takes back your last message and all that followed from it', run: undoTurn },
  { name: 'status', description: 'how I am, and what I am doing', run: statusText },
  { name: 'model', description: 'which model I think with; /model NAME changes it', run: modelText },
];

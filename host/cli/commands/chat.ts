import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { type Command, type CommandContext, textOption } from '../command.ts';
import { createTurnView } from '../terminal/turn-view.ts';
import { converse } from './chat/converse.ts';
import { readAll } from './chat/read-all.ts';
import { runTurn } from './chat/run-turn.ts';
import { tellNews } from './chat/tell-news.ts';

/** The user that the ADK web UI begins with: what is said here can be looked at there. */
const defaultUser = 'user';

export const chat: Command = {
  usage: '[MESSAGE …] [--session NAME | --new] [--user NAME] [--json]',
  help: `
With a message, says it, prints the answer, and ends. What is piped in is added to the message, or is the message.
Without, on a terminal, begins a conversation: Ctrl-C stops the answer, /new begins anew, /exit or Ctrl-D ends.

The answer goes to standard output; tool calls, notes, and what happens to plugins meanwhile go to standard error. The
exit code is 1 when the turn failed.

  --session NAME  speak in this conversation; it is created when there is none. Default: the latest one.
  --new           begin a new conversation
  --user NAME     as this user (default: ${defaultUser})
  --json          print the events of the turn, one JSON object a line

The claw is the one that runs on CLAY_ROOT, or the one at CLAY_URL (with CLAY_TOKEN).
`,
  options: {
    session: { type: 'string', short: 's' },
    new: { type: 'boolean', short: 'n' },
    user: { type: 'string', short: 'u' },
    json: { type: 'boolean' },
  },
  maxArgs: Number.POSITIVE_INFINITY,
  run: runChat,
};

async function runChat({ env, terminal, args, options }: CommandContext): Promise<number> {
  const name = textOption(options, 'session');
  if (name !== undefined && options.new === true) throw new CliError('Give --session or --new, not both.', 2);
  const isInteractive = args.length === 0 && terminal.isInputTerminal;
  if (isInteractive && options.json === true) throw new CliError('--json needs a message.', 2);
  const piped = terminal.isInputTerminal ? '' : await readAll(terminal.input);
  const text = [args.join(' '), piped.trim()].filter((part) => part !== '').join('\n\n');
  if (!isInteractive && text === '') throw new CliError('There is nothing to say: the input is empty.', 2);

  const client = new ClawClient(findClaw(env));
  const user = textOption(options, 'user') ?? defaultUser;
  const session = await chooseSession(client, user, name, options.new === true);
  if (isInteractive) return converse({ client, user, session, env, terminal });
  const view = createTurnView(terminal, options.json === true ? 'json' : 'text');
  const leaveNews = options.json === true ? null : tellNews(client, (line) => view.note(line));
  try {
    return await runTurn({ client, user, session, text, view, interrupts: process });
  } finally {
    await leaveNews?.();
  }
}

async function chooseSession(
  client: ClawClient,
  user: string,
  name: string | undefined,
  isNew: boolean,
): Promise<string> {
  if (isNew) return (await client.createSession(user)).id;
  const known = await client.sessions(user);
  if (name === undefined) return known[0]?.id ?? (await client.createSession(user)).id;
  return known.some(({ id }) => id === name) ? name : (await client.createSession(user, name)).id;
}

import type { SessionJson } from '../../agent/event-json.ts';
import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { type Command, type CommandContext, textOption } from '../command.ts';
import { safeText } from '../terminal/safe-text.ts';
import { formatTable } from '../terminal/table.ts';
import { createTurnView } from '../terminal/turn-view.ts';

const defaultUser = 'user';

export const sessions: Command = {
  usage: '[list | show NAME | delete NAME | rewind NAME] [--turns N] [--user NAME] [--json]',
  help: `
list            the conversations, latest first (the default)
show NAME       what was said and done in one
delete NAME     delete it for ever
rewind NAME     undo its last turn, or the last --turns N

  --user NAME   whose conversations (default: ${defaultUser})
`,
  options: { user: { type: 'string', short: 'u' }, turns: { type: 'string' }, json: { type: 'boolean' } },
  maxArgs: 2,
  run: runSessions,
};

async function runSessions(context: CommandContext): Promise<number> {
  const { env, terminal, args, options } = context;
  const [verb = 'list', name] = args;
  const user = textOption(options, 'user') ?? defaultUser;
  if (!['list', 'show', 'delete', 'rewind'].includes(verb)) {
    throw new CliError(`clay sessions does not know ${JSON.stringify(verb)}.`, 2);
  }
  if (verb !== 'list' && name === undefined) throw new CliError(`clay sessions ${verb} needs a NAME.`, 2);
  const client = new ClawClient(findClaw(env));
  const id = name ?? '';
  switch (verb) {
    case 'list':
      return list(context, await client.sessions(user));
    case 'show':
      return show(context, await client.session(user, id));
    case 'delete':
      await client.deleteSession(user, id);
      terminal.print(`Deleted ${id}.`);
      return 0;
    default: {
      const left = await client.rewind(user, id, parseTurns(textOption(options, 'turns') ?? '1'));
      terminal.print(`${id} has ${left.events.length} events left.`);
      return 0;
    }
  }
}

function list({ terminal, options }: CommandContext, found: readonly SessionJson[]): number {
  if (options.json === true) terminal.print(JSON.stringify(found, null, 2));
  else if (found.length === 0) terminal.print('There are no conversations yet. Begin one with "clay chat".');
  else {
    const rows = found.map(({ id, lastUpdateTime }) => [
      terminal.style('bold', id),
      new Date(lastUpdateTime * 1000).toISOString().slice(0, 19).replace('T', ' '),
    ]);
    terminal.print(formatTable(rows));
  }
  return 0;
}

function show({ terminal, options }: CommandContext, session: SessionJson): number {
  if (options.json === true) {
    terminal.print(JSON.stringify(session, null, 2));
    return 0;
  }
  for (const event of session.events) {
    if (event.author === 'user') {
      const text = event.content?.parts?.map((part) => part.text ?? '').join('') ?? '';
      terminal.print(terminal.style(['bold', 'cyan'], safeText(`you › ${text}`)));
      continue;
    }
    const view = createTurnView(terminal, 'text');
    view.show(event);
    view.end();
  }
  return 0;
}

function parseTurns(text: string): number {
  const turns = Number(text);
  if (Number.isInteger(turns) && turns >= 1) return turns;
  throw new CliError(`--turns is ${JSON.stringify(text)}; it must be a whole number from 1 on.`, 2);
}

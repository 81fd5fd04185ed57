import { createInterface } from 'node:readline';
import type { Environment } from '../../../config/load.ts';
import { CliError } from '../../cli-error.ts';
import type { ClawClient } from '../../client/claw-client.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { createTurnView, type TurnView } from '../../terminal/turn-view.ts';
import { loadHistory, saveHistory } from './history.ts';
import { LineReader } from './line-reader.ts';
import { printAbove } from './print-above.ts';
import { runTurn } from './run-turn.ts';
import { tellNews } from './tell-news.ts';

export interface Conversation {
  readonly client: ClawClient;
  readonly user: string;
  readonly session: string;
  readonly env: Environment;
  readonly terminal: Terminal;
}

const historyLines = 1000;

/** A person at the terminal: line by line, until /exit or the end of the input. */
export async function converse({ client, user, session: first, env, terminal }: Conversation): Promise<number> {
  let session = first;
  const lines = createInterface({
    input: terminal.input,
    output: terminal.output,
    prompt: terminal.style(['bold', 'cyan'], 'you › '),
    terminal: true,
    historySize: historyLines,
    removeHistoryDuplicates: true,
    history: loadHistory(env),
  });
  lines.on('history', (history: string[]) => saveHistory(env, history));
  terminal.print(terminal.style('dim', `${client.url} · session ${session} · /new · /exit · Ctrl-C stops an answer`));
  const reader = new LineReader(lines);
  let view: TurnView | null = null;
  const leaveNews = tellNews(client, (line) => {
    if (view !== null) view.note(line);
    else printAbove(lines, terminal, terminal.style('dim', line));
  });
  try {
    for (;;) {
      const line = await reader.next();
      if (line === null || line === '/exit' || line === '/quit') return 0;
      if (line === '') continue;
      if (line === '/new') {
        session = (await client.createSession(user)).id;
        terminal.print(terminal.style('dim', `session ${session}`));
        continue;
      }
      await say(line);
    }
  } finally {
    lines.close();
    await leaveNews();
  }

  /** A failed turn ends the turn, not the conversation. */
  async function say(text: string): Promise<void> {
    try {
      view = createTurnView(terminal, 'text');
      await runTurn({ client, user, session, text, view, interrupts: lines });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      terminal.printError(terminal.styleError('red', error.message));
    } finally {
      view = null;
    }
  }
}

import type { News } from '../../medic/generations/medic.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { followNews } from '../client/follow-news.ts';
import type { Command } from '../command.ts';
import { interrupted } from '../interrupted.ts';
import { formatChange, formatNews } from '../terminal/news-line.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatTimeOfDay } from '../terminal/time.ts';

export const watch: Command = {
  usage: '[NAME] [--json]',
  help: `
Follows what happens to the generations of every plugin, or of one, until Ctrl-C: each change of state, and what the
medic tells people. It waits for a claw that is started anew.

  --json   one JSON object a line
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 1,
  async run({ env, terminal, args, options }) {
    const [name] = args;
    using stop = interrupted();
    const note = (text: string) => terminal.printError(terminal.styleError('dim', text));
    await followNews({
      connect: () => new ClawClient(findClaw(env)),
      signal: stop.signal,
      onOpen: (url) => note(`watching ${url} · Ctrl-C ends`),
      onLost: () => note('the claw has gone; waiting for it …'),
      onNews(news) {
        if (name !== undefined && news.plugin !== name) return;
        terminal.print(options.json === true ? JSON.stringify(news) : formatLine(terminal, news));
      },
    });
    return 0;
  },
};

/** One line of the stream, for people. */
export function formatLine(terminal: Terminal, news: News): string {
  const text = news.kind === 'told' ? formatNews(news) : formatChange(terminal, news);
  return `${terminal.style('dim', formatTimeOfDay(news.at))}  ${text}`;
}

import type { PluginStatus } from '../../kernel/plugin-status.ts';
import type { Admission, News } from '../../medic/generations/medic.ts';
import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { followNews } from '../client/follow-news.ts';
import type { Command, CommandContext } from '../command.ts';
import { interrupted } from '../interrupted.ts';
import { findPlugin, type PluginPlace, readPlugin } from '../sources/plugin-sources.ts';
import { printWithheld } from '../terminal/grant-line.ts';
import { styleState } from '../terminal/news-line.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatTimeOfDay } from '../terminal/time.ts';
import { watchSaves } from './dev/watch-saves.ts';
import { formatLine } from './watch.ts';

export const dev: Command = {
  usage: 'PATH|NAME [--once]',
  help: `
Deploys a plugin (its folder or .ts file) or an extension (a .star file), by its path or, in this claw, by its name to the running claw, now and on every save, and
tells what is wrong and what becomes of each generation, until Ctrl-C. What does not build or fails its tests changes
nothing: the generation before serves on.

  --once   deploy once, and end; the exit code is 1 when it does not serve
`,
  options: { once: { type: 'boolean' } },
  maxArgs: 1,
  async run(context) {
    const { env, args, options } = context;
    const [path] = args;
    if (path === undefined) throw new CliError('clay dev needs the path or the name of a plugin or a .star file.', 2);
    const place = await findPlugin(path, env);
    if (options.once === true) return (await deploy(context, place)) ? 0 : 1;
    return follow(context, place);
  },
};

async function follow(context: CommandContext, place: PluginPlace): Promise<number> {
  const { env, terminal } = context;
  using stop = interrupted();
  const note = (text: string) => terminal.printError(terminal.styleError('dim', text));
  // Refuses at once when there is no claw, rather than at the first save.
  note(`deploying ${place.path} to ${findClaw(env).url} on every save · Ctrl-C ends`);
  const news = followNews({
    connect: () => new ClawClient(findClaw(env)),
    signal: stop.signal,
    onLost: () => note('the claw has gone; waiting for it …'),
    onNews: (one: News) => {
      if (one.plugin === place.name) terminal.print(formatLine(terminal, one));
    },
  });
  let last: string | null = null;
  const saves = watchSaves(place, stop.signal, async () => {
    const fingerprint = await deploy(context, place, last);
    if (fingerprint !== null) last = fingerprint;
  });
  await Promise.all([news, saves]);
  return 0;
}

/** Deploys what is there unless it has been; gives its fingerprint, or null when it does not serve. Tells of every outcome. */
async function deploy(context: CommandContext, place: PluginPlace, last: string | null = null): Promise<string | null> {
  const { env, terminal } = context;
  try {
    const { files, fingerprint } = await readPlugin(place);
    if (fingerprint === last) return last;
    const client = new ClawClient(findClaw(env));
    const admission = await client.ask<Admission>('POST', `/api/admin/plugins/${place.name}/deploy`, {
      reason: 'saved under "clay dev"',
      ...(files === null ? {} : { files }),
    });
    tellAdmission(terminal, admission);
    const plugins = await client.ask<readonly PluginStatus[]>('GET', '/api/admin/plugins');
    for (const plugin of plugins) if (plugin.name === place.name) printWithheld(terminal, plugin);
    return admission.problem === null ? fingerprint : null;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error || error instanceof CliError)) throw error;
    terminal.print(`${now(terminal)}  ${terminal.style('red', safeText(error.message))}`);
    return null;
  }
}

function tellAdmission(terminal: Terminal, { plugin, generation, state, problem }: Admission): void {
  if (state === 'unchanged') terminal.print(`${now(terminal)}  ${plugin}: generation ${generation} is the same build.`);
  else if (problem === null) {
    terminal.print(`${now(terminal)}  ${plugin}: generation ${generation} serves (${styleState(terminal, state)}).`);
  } else {
    terminal.print(`${now(terminal)}  ${terminal.style('red', `${plugin}: ${state}`)}\n${safeText(problem).trimEnd()}`);
  }
}

function now(terminal: Terminal): string {
  return terminal.style('dim', formatTimeOfDay(Date.now()));
}

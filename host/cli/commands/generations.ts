import type { PluginStatus } from '../../kernel/plugin-status.ts';
import type { GenerationStatus } from '../../medic/generations/medic.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { printWithheld } from '../terminal/grant-line.ts';
import { styleState } from '../terminal/news-line.ts';
import { safeLine } from '../terminal/safe-text.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatTime } from '../terminal/time.ts';

export const generations: Command = {
  usage: '[NAME] [--json]',
  help: `
Lists the generations of every plugin that was ever changed, or of one, newest first; * marks the one that serves. One is
on probation until it has proven itself; one that fails is taken back, and its build is quarantined. Generation 0 ships with Clay.
What a plugin asks for above its ceiling is told below, with what allows it.
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 1,
  async run({ env, terminal, args, options }) {
    const [name] = args;
    const client = new ClawClient(findClaw(env));
    const query = name === undefined ? '' : `?plugin=${encodeURIComponent(name)}`;
    const found = await client.ask<readonly GenerationStatus[]>('GET', `/api/admin/generations${query}`);
    if (options.json === true) {
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    const told = name === undefined ? found.filter((one) => !isAsItCame(one, found)) : found;
    if (told.length > 0) terminal.print(formatTable(told.map((one) => row(one, terminal))));
    if (found.length === 0) terminal.print('There are no generations yet.');
    else if (told.length < found.length)
      terminal.print(
        `${found.length - told.length} plugins that ship serve as they came; "clay generations NAME" tells of one.`,
      );
    const plugins = await client.ask<readonly PluginStatus[]>('GET', '/api/admin/plugins');
    for (const plugin of plugins) if (name === undefined || plugin.name === name) printWithheld(terminal, plugin);
    return 0;
  },
};

/** Nothing has happened to it that an operator would look for here. */
function isAsItCame(one: GenerationStatus, all: readonly GenerationStatus[]): boolean {
  const { plugin, generation, isCurrent, crashes } = one;
  return (
    generation === 0 && isCurrent && crashes === 0 && all.every((other) => other === one || other.plugin !== plugin)
  );
}

function row(one: GenerationStatus, terminal: Terminal): string[] {
  const { generation, isCurrent, probationLeftMs, calls, failedCalls, crashes } = one;
  const left = probationLeftMs === null ? '' : ` (${Math.ceil(probationLeftMs / 1000)} s left)`;
  const failed = failedCalls === 0 ? '' : `, ${failedCalls} failed`;
  return [
    terminal.style('bold', safeLine(one.plugin, 64)),
    `${isCurrent ? '*' : ' '}${generation}`,
    `${styleState(terminal, one.state)}${left}${one.isQuarantined && one.state !== 'quarantined' ? ', quarantined' : ''}`,
    one.hash.slice(0, 12),
    formatTime(one.at),
    `${calls} calls${failed}`,
    crashes === 0 ? '' : terminal.style('red', `${crashes} ${crashes === 1 ? 'crash' : 'crashes'}`),
    terminal.style('dim', safeLine(one.reason, 80)),
  ];
}

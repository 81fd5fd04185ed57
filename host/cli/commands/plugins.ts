import type { PluginStatus } from '../../kernel/plugin-status.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { printWithheld } from '../terminal/grant-line.ts';
import { safeLine } from '../terminal/safe-text.ts';
import { formatTable } from '../terminal/table.ts';

export const plugins: Command = {
  usage: '[--json]',
  help: `
Lists the plugins of a running claw with their generation and state, and what they ask for above their ceiling. The exit
code is 1 when one does not run.
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 0,
  async run({ env, terminal, options }) {
    const found = await new ClawClient(findClaw(env)).ask<readonly PluginStatus[]>('GET', '/api/admin/plugins');
    const failed = found.filter(({ failure }) => failure !== null);
    if (options.json === true) {
      terminal.print(JSON.stringify(found, null, 2));
      return failed.length === 0 ? 0 : 1;
    }
    const rows = found.map((plugin) => [
      terminal.style('bold', plugin.name),
      plugin.version,
      `generation ${plugin.generation}`,
      terminal.style(plugin.failure === null ? 'green' : 'red', plugin.state),
      plugin.origin,
      terminal.style('dim', safeLine(plugin.description, 80)),
    ]);
    terminal.print(formatTable(rows));
    for (const { name, failure } of failed) {
      const place = failure?.location == null ? '' : ` (${failure.location})`;
      terminal.print(terminal.style('red', `${name}: ${failure?.phase}: ${failure?.message}${place}`));
    }
    for (const plugin of found) printWithheld(terminal, plugin);
    return failed.length === 0 ? 0 : 1;
  },
};

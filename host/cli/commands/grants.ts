import { loadConfig } from '../../config/load.ts';
import type { PluginStatus } from '../../kernel/plugin-status.ts';
import { UnreachableError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { defaultRoot, findClaw } from '../client/find-claw.ts';
import type { Command, CommandContext } from '../command.ts';
import { printWithheld } from '../terminal/grant-line.ts';
import { formatTable } from '../terminal/table.ts';

export const grants: Command = {
  usage: '[--json]',
  help: `
Lists what plugins and extensions of the volume may be given at most: the ceilings of clay.json, "*" being for all of them;
which protected plugins may be replaced; and, of a running claw, who asks for more. "clay grant" allows more.
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 0,
  async run(context) {
    const { env, terminal, options } = context;
    const { config, origins } = loadConfig({ env, defaultRoot, isTerminal: false });
    const { ceilings, overrides } = config;
    const plugins = await askPlugins(context);
    const withheld = plugins.filter((plugin) => plugin.withheld.length > 0);
    if (options.json === true) {
      const asking = Object.fromEntries(withheld.map((plugin) => [plugin.name, plugin.withheld]));
      terminal.print(JSON.stringify({ ceilings, overrides, withheld: asking }, null, 2));
      return 0;
    }
    const rows = Object.entries(ceilings).map(([name, permissions]) => [
      terminal.style('bold', name),
      permissions.join(', '),
    ]);
    terminal.print(formatTable(rows));
    terminal.print(
      terminal.style('dim', `from ${origins.ceilings === 'default' ? 'the default' : config.paths.clayJson}`),
    );
    if (overrides.length > 0) terminal.print(`Protected plugins that may be replaced: ${overrides.join(', ')}`);
    for (const plugin of withheld) printWithheld(terminal, plugin);
    return 0;
  },
};

/** None when no claw runs: the file can be read without one. */
async function askPlugins({ env }: CommandContext): Promise<readonly PluginStatus[]> {
  try {
    return await new ClawClient(findClaw(env)).ask<readonly PluginStatus[]>('GET', '/api/admin/plugins');
  } catch (error) {
    if (error instanceof UnreachableError) return [];
    throw error;
  }
}

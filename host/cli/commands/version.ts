import { clayVersion } from '../../version.ts';
import type { Command } from '../command.ts';

export const version: Command = {
  usage: '[--json]',
  help: 'Shows the versions of Clay and of Node.',
  options: { json: { type: 'boolean' } },
  maxArgs: 0,
  async run({ terminal, options }) {
    const found = { clay: clayVersion, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
    terminal.print(
      options.json === true ? JSON.stringify(found) : `clay ${found.clay} (Node ${found.node}, ${found.platform})`,
    );
    return 0;
  },
};

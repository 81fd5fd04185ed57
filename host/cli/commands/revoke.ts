import { removeFromList } from '../../config/clay-json.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { editCeiling } from './grant/edit-ceiling.ts';

export const revoke: Command = {
  usage: 'NAME PERMISSION …',
  help: `
Takes back what "clay grant" has allowed: removes the permissions from the plugin's ceiling in clay.json. What the ceiling
"*" allows, it allows this plugin too. A running claw takes it over when it is started anew.
`,
  options: {},
  maxArgs: Number.POSITIVE_INFINITY,
  async run({ env, terminal, args }) {
    const lacks = (ceiling: readonly string[], permission: string) => !ceiling.includes(permission);
    const { file, name, permissions, isChanged } = editCeiling('revoke', args, env, removeFromList, lacks);
    if (!isChanged) {
      throw new CliError(`${file} does not name ${permissions.join(', ')} for ${name}. See "clay grants".`);
    }
    terminal.print(`${file} does not allow ${name} ${permissions.join(', ')} any more. Start the claw anew.`);
    return 0;
  },
};

import { addToList } from '../../config/clay-json.ts';
import type { Command } from '../command.ts';
import { editCeiling } from './grant/edit-ceiling.ts';

export const grant: Command = {
  usage: 'NAME PERMISSION …',
  help: `
Allows a plugin or extension of the volume what it asks for: adds the permissions to its ceiling in clay.json, whose
comments stay. NAME "*" means all of them. It gets nothing that it does not declare itself. A running claw takes it over
when it is started anew. "clay plugins" shows who asks for what; "clay grants" what is allowed; "clay revoke" takes back.

  clay grant feeds http:feeds.example.com secret:FEEDS_TOKEN@feeds.example.com
`,
  options: {},
  maxArgs: Number.POSITIVE_INFINITY,
  async run({ env, terminal, args }) {
    const holds = (ceiling: readonly string[], permission: string) => ceiling.includes(permission);
    const { file, name, permissions, isChanged } = editCeiling('grant', args, env, addToList, holds);
    terminal.print(
      isChanged
        ? `${file} allows ${name} ${permissions.join(', ')} now. Start the claw anew to put it in force.`
        : `${file} allows ${name} all of that already.`,
    );
    return 0;
  },
};

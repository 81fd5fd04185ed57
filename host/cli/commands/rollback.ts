import type { Admission } from '../../medic/generations/medic.ts';
import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { type Command, parseWhole } from '../command.ts';
import { safeText } from '../terminal/safe-text.ts';

export const rollback: Command = {
  usage: 'NAME [N] [--data] [--json]',
  help: `
Takes back the generation of a plugin that serves now: the one before it serves again, or generation N. Its build is not
forbidden; "clay quarantine" does that. "clay generations NAME" lists what there is to go back to.

  --data   also the plugin's data, as it was when the generation that is taken back began to serve; what was stored since
           is lost
`,
  options: { data: { type: 'boolean' }, json: { type: 'boolean' } },
  maxArgs: 2,
  async run({ env, terminal, args, options }) {
    const [name, number] = args;
    if (name === undefined) throw new CliError('clay rollback needs the NAME of a plugin.', 2);
    const to = number === undefined ? undefined : parseWhole('N', number);
    const admission = await new ClawClient(findClaw(env)).ask<Admission>(
      'POST',
      `/api/admin/generations/${encodeURIComponent(name)}/rollback`,
      { ...(to === undefined ? {} : { to }), ...(options.data === true ? { data: true } : {}) },
    );
    const { generation, state, problem } = admission;
    if (options.json === true) terminal.print(JSON.stringify(admission, null, 2));
    else if (problem === null) terminal.print(`${name}: generation ${generation} serves (${state}).`);
    else terminal.printError(safeText(`${name}: generation ${generation} does not serve (${state}): ${problem}`));
    return problem === null ? 0 : 1;
  },
};

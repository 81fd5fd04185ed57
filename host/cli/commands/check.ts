import type { SourceCheck } from '../../gateway/parts.ts';
import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { findPlugin, readPlugin } from '../sources/plugin-sources.ts';
import { safeText } from '../terminal/safe-text.ts';

export const check: Command = {
  usage: 'PATH|NAME [--json]',
  help: `
Says what is wrong with a plugin (its folder or .ts file) or an extension (a .star file), by its path or, in this claw, by its name: what does not build, types that
do not fit, tests that fail. Nothing is deployed. A running claw does it. The exit code is 1 when something is wrong.
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 1,
  async run({ env, terminal, args, options }) {
    const [path] = args;
    if (path === undefined) throw new CliError('clay check needs the path or the name of a plugin or a .star file.', 2);
    const place = await findPlugin(path, env);
    const { files } = await readPlugin(place);
    const found = await new ClawClient(findClaw(env)).ask<SourceCheck>(
      'POST',
      `/api/admin/plugins/${place.name}/check`,
      files === null ? {} : { files },
    );
    if (options.json === true) terminal.print(JSON.stringify(found, null, 2));
    else if (found.text !== '' || found.isGood) terminal.print(safeText(found.text).trimEnd() || 'No problems.');
    return found.isGood ? 0 : 1;
  },
};

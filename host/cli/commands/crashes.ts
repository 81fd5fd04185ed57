import type { CrashReport } from '../../medic/generations/medic.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { type Command, parseWhole, textOption } from '../command.ts';
import { safeLine, safeText } from '../terminal/safe-text.ts';
import { formatTime } from '../terminal/time.ts';

const defaultLimit = '20';

export const crashes: Command = {
  usage: '[NAME] [--limit N] [--json]',
  help: `
Lists the crashes of every plugin, or of one, newest first, with what was said. The whole of each stands in the folder
data/build-failures.

  --limit N   at most so many (default: ${defaultLimit})
`,
  options: { limit: { type: 'string', short: 'n' }, json: { type: 'boolean' } },
  maxArgs: 1,
  async run({ env, terminal, args, options }) {
    const [name] = args;
    const limit = parseWhole('--limit', textOption(options, 'limit') ?? defaultLimit);
    const query = new URLSearchParams({ limit: String(limit), ...(name === undefined ? {} : { plugin: name }) });
    const found = await new ClawClient(findClaw(env)).ask<readonly CrashReport[]>('GET', `/api/admin/crashes?${query}`);
    if (options.json === true) {
      terminal.print(JSON.stringify(found, null, 2));
      return 0;
    }
    if (found.length === 0) terminal.print('There were no crashes.');
    for (const { plugin, generation, hash, phase, at, message } of found) {
      const what = `${safeLine(plugin, 64)} generation ${generation} (${hash.slice(0, 12)}), ${safeLine(phase, 32)}`;
      terminal.print(`${terminal.style('dim', formatTime(at))}  ${terminal.style('bold', what)}`);
      terminal.print(safeText(message).trimEnd().replace(/^/gm, '    '));
    }
    return 0;
  },
};

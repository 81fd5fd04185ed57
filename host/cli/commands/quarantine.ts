import type { GenerationStatus } from '../../medic/generations/medic.ts';
import { CliError } from '../cli-error.ts';
import { ClawClient } from '../client/claw-client.ts';
import { findClaw } from '../client/find-claw.ts';
import { type Command, type CommandContext, textOption } from '../command.ts';

export const quarantine: Command = {
  usage: 'NAME N|HASH --reason TEXT [--json]',
  help: `
Forbids a build: the generation with this number, or every one with this hash (its first six signs are enough). When it
serves, the one before it serves again. It does not come back by itself; "clay unquarantine" allows it.

  --reason TEXT   why; it stands in the journal, and the author is told
`,
  options: { reason: { type: 'string', short: 'r' }, json: { type: 'boolean' } },
  maxArgs: 2,
  run(context) {
    const reason = textOption(context.options, 'reason')?.trim() ?? '';
    if (reason === '') throw new CliError('clay quarantine needs --reason TEXT: the author is told why.', 2);
    return judge(context, 'quarantine', { reason });
  },
};

export const unquarantine: Command = {
  usage: 'NAME N|HASH [--json]',
  help: 'Allows a build again that was forbidden. It does not serve by that: deploy it, or "clay rollback NAME N".',
  options: { json: { type: 'boolean' } },
  maxArgs: 2,
  run: (context) => judge(context, 'unquarantine', {}),
};

async function judge(
  { env, terminal, args, options }: CommandContext,
  verb: 'quarantine' | 'unquarantine',
  more: object,
): Promise<number> {
  const [name, text] = args;
  if (name === undefined || text === undefined) {
    throw new CliError(`clay ${verb} needs the NAME of a plugin, and a generation's number or hash.`, 2);
  }
  // A hash of digits alone would be read as a number: whoever means it gives more of it.
  const which = /^\d{1,9}$/.test(text) ? Number(text) : text;
  const path = `/api/admin/generations/${encodeURIComponent(name)}/${verb}`;
  const after = await new ClawClient(findClaw(env)).ask<readonly GenerationStatus[]>('POST', path, { which, ...more });
  if (options.json === true) {
    terminal.print(JSON.stringify(after, null, 2));
    return 0;
  }
  const current = after.find(({ isCurrent }) => isCurrent);
  const serving = current === undefined ? 'Nothing serves.' : `Generation ${current.generation} serves.`;
  const done = verb === 'quarantine' ? 'is quarantined' : 'is not quarantined any more';
  terminal.print(`${name}: ${typeof which === 'number' ? `generation ${which}` : which} ${done}. ${serving}`);
  return 0;
}

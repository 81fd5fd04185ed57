import { existsSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parsePermission } from '@clay/sdk';
import { addToList, parseClayJson } from '../../config/clay-json.ts';
import { loadConfig } from '../../config/load.ts';
import { clayJsonTemplate } from '../../config/template.ts';
import { CliError } from '../cli-error.ts';
import { defaultRoot } from '../client/find-claw.ts';
import type { Command } from '../command.ts';

export const grant: Command = {
  usage: 'NAME PERMISSION …',
  help: `
Allows a plugin or extension of the volume what it asks for: adds the permissions to its ceiling in clay.json, whose
comments stay. NAME "*" means all of them. It gets nothing that it does not declare itself. A running claw takes it over
when it is started anew. "clay plugins" shows who asks for what; "clay grants" what is allowed.

  clay grant feeds http:feeds.example.com secret:FEEDS_TOKEN@feeds.example.com
`,
  options: {},
  maxArgs: Number.POSITIVE_INFINITY,
  async run({ env, terminal, args }) {
    const [name, ...permissions] = args;
    if (name === undefined || permissions.length === 0) {
      throw new CliError('clay grant needs the NAME of a plugin, and one PERMISSION or more.', 2);
    }
    if (name !== '*' && !/^[a-z][a-z0-9-]{0,47}$/.test(name)) {
      throw new CliError(`${JSON.stringify(name)} is no name of a plugin: use small letters, digits and "-".`, 2);
    }
    for (const permission of permissions) {
      const read = parsePermission(permission);
      if (typeof read === 'string') throw new CliError(read, 2);
    }
    const file = join(resolve(env.CLAY_ROOT || defaultRoot), 'clay.json');
    const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
    // What is broken already is told as such, not overwritten.
    loadConfig({ env, defaultRoot, isTerminal: false });
    const after = addToList(before ?? clayJsonTemplate(), ['ceilings', name], permissions);
    if (after === before) {
      terminal.print(`${file} allows ${name} all of that already.`);
      return 0;
    }
    checkEdit(after, file, name, permissions);
    replaceFile(file, after);
    terminal.print(`${file} allows ${name} ${permissions.join(', ')} now. Start the claw anew to put it in force.`);
    return 0;
  },
};

/** Nothing is written that would not be read back as it is meant. */
function checkEdit(text: string, file: string, name: string, permissions: readonly string[]): void {
  const { values, problems } = parseClayJson(text, file, ['ceilings']);
  const wanted = problems.every(({ name: problem }) => !problem.startsWith(file));
  const ceilings = values.get('ceilings') as Readonly<Record<string, readonly string[]>> | undefined;
  if (wanted && permissions.every((permission) => ceilings?.[name]?.includes(permission) === true)) return;
  throw new CliError(
    `${file} cannot be edited by a program as it is. Add to it by hand: "ceilings": { ${JSON.stringify(name)}: ${JSON.stringify(permissions)} }`,
  );
}

/** As a whole, where a link leads, with the mode that it has. */
function replaceFile(file: string, text: string): void {
  const target = existsSync(file) ? realpathSync(file) : file;
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600;
  const unfinished = `${target}.unfinished`;
  writeFileSync(unfinished, text, { mode });
  renameSync(unfinished, target);
}

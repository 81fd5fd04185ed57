import { existsSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parsePermission } from '@clay/sdk';
import { parseClayJson } from '../../../config/clay-json.ts';
import { type Environment, loadConfig } from '../../../config/load.ts';
import { clayJsonTemplate } from '../../../config/template.ts';
import { CliError } from '../../cli-error.ts';
import { defaultRoot } from '../../client/find-claw.ts';

export interface CeilingChange {
  readonly file: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly isChanged: boolean;
}

/**
 * Changes a plugin's ceiling in the operator's file. `edit` gives the new text, and `isMeant` tells whether a ceiling is what
 * was wanted: nothing is written that would not be read back so.
 */
export function editCeiling(
  command: string,
  [name, ...permissions]: readonly string[],
  env: Environment,
  edit: (text: string, path: readonly string[], permissions: readonly string[]) => string,
  isMeant: (ceiling: readonly string[], permission: string) => boolean,
): CeilingChange {
  if (name === undefined || permissions.length === 0) {
    throw new CliError(`clay ${command} needs the NAME of a plugin, and one PERMISSION or more.`, 2);
  }
  checkWords(name, permissions);
  const file = join(resolve(env.CLAY_ROOT || defaultRoot), 'clay.json');
  // What is broken already is told as such, not overwritten.
  loadConfig({ env, defaultRoot, isTerminal: false });
  const before = existsSync(file) ? readFileSync(file, 'utf8') : clayJsonTemplate();
  const after = edit(before, ['ceilings', name], permissions);
  if (after === before) return { file, name, permissions, isChanged: false };
  const ceiling = readCeiling(after, file, name);
  if (ceiling === null || !permissions.every((permission) => isMeant(ceiling, permission))) {
    throw new CliError(
      `${file} cannot be edited by a program as it is. Change it by hand: "ceilings": { ${JSON.stringify(name)}: [ … ] }.`,
    );
  }
  replaceFile(file, after);
  return { file, name, permissions, isChanged: true };
}

function checkWords(name: string, permissions: readonly string[]): void {
  if (name !== '*' && !/^[a-z][a-z0-9-]{0,47}$/.test(name)) {
    throw new CliError(`${JSON.stringify(name)} is no name of a plugin: use small letters, digits and "-".`, 2);
  }
  for (const permission of permissions) {
    const read = parsePermission(permission);
    if (typeof read === 'string') throw new CliError(read, 2);
  }
}

/** Null when the text is not in order. */
function readCeiling(text: string, file: string, name: string): readonly string[] | null {
  const { values, problems } = parseClayJson(text, file, ['ceilings']);
  // Other keys are not asked for here, and stand among the problems by their names.
  if (problems.some((problem) => problem.name.startsWith(file))) return null;
  const ceilings = values.get('ceilings') as Readonly<Record<string, readonly string[]>> | undefined;
  return ceilings?.[name] ?? [];
}

/** As a whole, where a link leads, with the mode that it has. */
function replaceFile(file: string, text: string): void {
  const target = existsSync(file) ? realpathSync(file) : file;
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600;
  const unfinished = `${target}.unfinished`;
  writeFileSync(unfinished, text, { mode });
  renameSync(unfinished, target);
}

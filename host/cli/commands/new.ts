import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { CliError } from '../cli-error.ts';
import { defaultRoot } from '../client/find-claw.ts';
import { type Command, type CommandContext, textOption } from '../command.ts';
import { extensionTemplate } from './new/extension-template.ts';
import { pluginTemplate } from './new/plugin-template.ts';

export const makeNew: Command = {
  usage: 'plugin NAME | extension NAME [--in FOLDER]',
  help: `
plugin NAME      a folder with a TypeScript plugin, its manifest and its test
extension NAME   a .star file with a typed tool and its test

Both work as they are. A plugin goes into data/plugins of the claw on CLAY_ROOT, an extension into its folder of
extensions, where it serves as soon as the claw sees it.

  --in FOLDER   make it there instead
`,
  options: { in: { type: 'string' } },
  maxArgs: 2,
  async run(context) {
    const [kind, name] = context.args;
    if (kind !== 'plugin' && kind !== 'extension') {
      const got = kind === undefined ? '' : `, not ${JSON.stringify(kind)}`;
      throw new CliError(`clay new makes a "plugin" or an "extension"${got}.`, 2);
    }
    if (name === undefined) throw new CliError(`clay new ${kind} needs a NAME.`, 2);
    if (!/^[a-z][a-z0-9-]{0,47}$/.test(name)) {
      const rule = 'a small letter, then small letters, digits and "-", at most 48 in all';
      throw new CliError(`${JSON.stringify(name)} is no name of a ${kind}: ${rule}.`, 2);
    }
    await refuseShipped(name);
    return kind === 'plugin' ? makePlugin(context, name) : makeExtension(context, name);
  },
};

/** A plugin of this name would take the place of the one that ships. */
async function refuseShipped(name: string): Promise<void> {
  const { findShippedPlugins } = await import('../../shipped-plugins.ts');
  if (!findShippedPlugins().some((plugin) => plugin.name === name)) return;
  throw new CliError(`A plugin "${name}" ships with Clay, and this one would take its place. Choose another name.`);
}

async function makePlugin(context: CommandContext, name: string): Promise<number> {
  const folder = join(parentFolder(context) ?? join(configOf(context).data, 'plugins'), name);
  if (existsSync(folder)) throw new CliError(`${folder} exists already; choose another name.`);
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of pluginTemplate(name)) writeFileSync(join(folder, path), text, { flag: 'wx' });
  const { linkSdk } = await import('./new/link-sdk.ts');
  linkSdk(folder);
  tell(context, folder, [
    [`clay dev ${show(folder)}`, 'builds, deploys and tells what is wrong, on every save'],
    [`clay check ${show(folder)}`, 'tells what is wrong with its types and its tests, and deploys nothing'],
  ]);
  return 0;
}

async function makeExtension(context: CommandContext, name: string): Promise<number> {
  const file = join(parentFolder(context) ?? configOf(context).extensions, `${name}.star`);
  if (existsSync(file)) throw new CliError(`${file} exists already; choose another name.`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, extensionTemplate(), { flag: 'wx' });
  tell(context, file, [
    [`clay check ${show(file)}`, 'runs its tests and tells what is wrong'],
    [`clay dev ${show(file)}`, 'does so on every save, and deploys it'],
  ]);
  return 0;
}

/** In a checkout there is no `clay` on the PATH, but npm's script of that name. */
function tell({ terminal, env }: CommandContext, made: string, next: readonly (readonly [string, string])[]): void {
  terminal.print(`Made ${show(made)}.\n`);
  const typed = next.map(
    ([command, what]) => [env.npm_lifecycle_event === 'clay' ? `npm run -s ${command}` : command, what] as const,
  );
  const width = Math.max(...typed.map(([command]) => command.length));
  for (const [command, what] of typed) {
    terminal.print(`  ${terminal.style('bold', command)}${' '.repeat(width - command.length)}  ${what}`);
  }
}

function parentFolder({ options }: CommandContext): string | null {
  const folder = textOption(options, 'in');
  return folder === undefined ? null : resolve(folder);
}

function configOf({ env }: CommandContext): { readonly data: string; readonly extensions: string } {
  return loadConfig({ env, defaultRoot, isTerminal: false }).config.paths;
}

/** As one would type it here. */
function show(path: string): string {
  const here = relative(process.cwd(), path);
  const shown = here.startsWith('..') ? path : here;
  return /\s/.test(shown) ? JSON.stringify(shown) : shown;
}

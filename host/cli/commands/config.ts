import { existsSync } from 'node:fs';
import type { JsonObject } from '@clay/sdk';
import { suggest } from '../../config/clay-json.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { type Setting, type SettingName, settings } from '../../config/settings.ts';
import { describeSettings } from '../../manifest/describe-settings.ts';
import { manifestOf } from '../../manifest/manifest-of.ts';
import { CliError } from '../cli-error.ts';
import { defaultRoot } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const config: Command = {
  usage: '[PLUGIN] [--json]',
  help: `
Checks the environment and clay.json, and shows every value in force with where it came from. Secrets are masked.
The exit code is 1 when something is wrong, with everything that is wrong named at once. What each setting means stands
in clay.json. With PLUGIN, what the section of a plugin that ships may hold: "plugins": { "PLUGIN": { … } }.
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 1,
  async run({ env, terminal, args: [plugin], options }) {
    if (plugin !== undefined) return showSection(plugin, terminal, options.json === true);
    const loaded = loadConfig({ env, defaultRoot, isTerminal: terminal.isOutputTerminal });
    if (options.json === true) terminal.print(JSON.stringify(describe(loaded), null, 2));
    else print(loaded, terminal);
    return 0;
  },
};

async function showSection(name: string, terminal: Terminal, isJson: boolean): Promise<number> {
  const { findShippedPlugins } = await import('../../shipped-plugins.ts');
  const shipped = findShippedPlugins();
  const source = shipped.find((one) => one.name === name);
  if (source === undefined) {
    const known = shipped.map((one) => one.name);
    throw new CliError(`No plugin that ships is named ${JSON.stringify(name)}${suggest(name, known)}`);
  }
  const { config: schema } = manifestOf(await source.load());
  const given = source.manifest?.settings ?? [];
  const found = schema === undefined ? [] : describeSettings(schema as JsonObject, given as readonly string[]);
  if (isJson) terminal.print(JSON.stringify(found, null, 2));
  else if (found.length === 0) terminal.print(`The plugin ${name} has no settings of its own.`);
  else {
    const show = (value: unknown) => (value === undefined || value === null ? '–' : JSON.stringify(value));
    terminal.print(
      formatTable(found.map((one) => [terminal.style('bold', one.name), show(one.fallback), one.meaning])),
    );
  }
  return 0;
}

interface Value {
  readonly name: string;
  readonly value: unknown;
  readonly origin: string;
}

function describe(loaded: LoadedConfig): object {
  const { paths, model } = loaded.config;
  const values = Object.fromEntries(listValues(loaded).map(({ name, ...rest }) => [name, rest]));
  const { provider } = model;
  return { file: paths.clayJson, paths, provider, values, warnings: loaded.warnings };
}

function print(loaded: LoadedConfig, terminal: Terminal): void {
  const { paths, model } = loaded.config;
  const file = existsSync(paths.clayJson) ? paths.clayJson : `${paths.clayJson} (absent: defaults are in force)`;
  terminal.print(`${terminal.style('bold', 'file')}   ${file}`);
  terminal.print(
    `${terminal.style('bold', 'model')}  ${model.provider === 'offline' ? 'offline' : `${model.provider}, ${model.model}`}\n`,
  );
  const rows = listValues(loaded).map(({ name, value, origin }) => {
    const isDefault = origin === 'default';
    const shown = value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
    return [isDefault ? name : terminal.style('bold', name), shown, terminal.style('dim', origin)];
  });
  terminal.print(formatTable(rows));
  for (const { name, message } of loaded.warnings) {
    terminal.printError(terminal.styleError('yellow', `warning: ${name} ${message}`));
  }
}

function listValues({ values, origins }: LoadedConfig): Value[] {
  return (Object.keys(settings) as SettingName[]).map((name) => {
    const setting: Setting = settings[name];
    const value: unknown = values[name];
    return {
      name: setting.key ?? setting.env ?? name,
      value: setting.secret === true && typeof value === 'string' ? mask(value) : value,
      origin: origins[name],
    };
  });
}

/** Enough to tell two keys apart, too little to use one. */
function mask(secret: string): string {
  return secret.length >= 16 ? `…${secret.slice(-4)} (${secret.length} characters)` : `(${secret.length} characters)`;
}

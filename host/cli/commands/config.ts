import { existsSync } from 'node:fs';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { type Setting, type SettingName, settings } from '../../config/settings.ts';
import { defaultRoot } from '../client/find-claw.ts';
import type { Command } from '../command.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const config: Command = {
  usage: '[--json]',
  help: `
Checks the environment and clay.json, and shows every value in force with where it came from. Secrets are masked.
The exit code is 1 when something is wrong, with everything that is wrong named at once.
`,
  options: { json: { type: 'boolean' } },
  maxArgs: 0,
  async run({ env, terminal, options }) {
    const loaded = loadConfig({ env, defaultRoot, isTerminal: terminal.isOutputTerminal });
    if (options.json === true) terminal.print(JSON.stringify(describe(loaded), null, 2));
    else print(loaded, terminal);
    return 0;
  },
};

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

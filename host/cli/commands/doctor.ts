import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load.ts';
import { defaultRoot } from '../client/find-claw.ts';
import type { Command, CommandContext } from '../command.ts';
import { formatTable } from '../terminal/table.ts';
import { type Finding, failure, ok, warning } from './doctor/check.ts';
import { checkDatabase } from './doctor/database-check.ts';
import { checkHost, checkPorts } from './doctor/host-check.ts';
import { checkModelAnswers, checkRunningModel, describeModel } from './doctor/model-check.ts';
import { checkNode } from './doctor/node-check.ts';
import { checkTelegram } from './doctor/telegram-check.ts';
import { checkTokenFile, checkVolume } from './doctor/volume-check.ts';

export const doctor: Command = {
  usage: '[--model] [--json]',
  help: `
Checks Node, the configuration, the volume, the running host, the ports, the token, the database, the model and the Telegram bot, and
says what to do about each. Nothing is changed. The exit code is 1 when something has failed.

  --model   also ask the model for one token, which may cost a fraction of a cent
`,
  options: { model: { type: 'boolean' }, json: { type: 'boolean' } },
  maxArgs: 0,
  run: runDoctor,
};

async function runDoctor(context: CommandContext): Promise<number> {
  const findings = await examine(context);
  const { terminal, options } = context;
  if (options.json === true) terminal.print(JSON.stringify(findings, null, 2));
  else {
    const marks = { ok: ['green', '✓'], warning: ['yellow', '!'], failure: ['red', '✗'] } as const;
    const mark = (state: Finding['state']) => terminal.style(marks[state][0], marks[state][1]);
    const rows = findings.flatMap(({ what, state, found, remedy }) => {
      const row = [mark(state), what, found];
      return remedy === undefined ? [row] : [row, ['', '', terminal.style('bold', `→ ${remedy}`)]];
    });
    terminal.print(formatTable(rows));
  }
  return findings.some(({ state }) => state === 'failure') ? 1 : 0;
}

async function examine({ env, options }: CommandContext): Promise<readonly Finding[]> {
  const node = checkNode(process.versions.node);
  const loaded = tryConfig(() => loadConfig({ env, defaultRoot, isTerminal: false }));
  if (Array.isArray(loaded)) return [node, ...loaded];
  const { config, warnings } = loaded;
  const { root, data, database, journal, soul, backups } = config.paths;
  const { finding: host, address } = await checkHost(config, env);
  return [
    node,
    warnings.length === 0
      ? ok('configuration', config.paths.clayJson)
      : warning(
          'configuration',
          warnings.map(({ name, message }) => `${name} ${message}`).join('; '),
          'Correct or remove it.',
        ),
    checkVolume({ root, folders: [data, dirname(database), soul, backups], files: [database, journal] }),
    host,
    ...(address === null ? await checkPorts(config) : []),
    checkTokenFile(data, config.server.token !== null),
    await checkDatabase(database, backups),
    address === null ? describeModel(config.model) : await checkRunningModel(address),
    ...(await checkTelegram(config)),
    ...(options.model === true ? [await checkModelAnswers(address)] : []),
  ];
}

function tryConfig<Loaded extends { readonly config: Config }>(load: () => Loaded): Loaded | Finding[] {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ name, message }) =>
      failure('configuration', `${name}: ${message}`, 'Correct it, then look again.'),
    );
  }
}

import { systemClock } from '../../clock.ts';
import { createLog } from '../../log.ts';
import { preflightFailed } from '../../preflight/exit-codes.ts';
import { clayVersion } from '../../version.ts';
import type { Command } from '../command.ts';

export const preflight: Command = {
  usage: '',
  help: `
Says as one line of JSON whether this version could be the claw on CLAY_ROOT: its settings, copies of its databases with
this version's schema, and every plugin, set up and proven on the copy. The claw may run meanwhile: nothing of the
volume is written, and nothing reaches the outside. The exit code is 3 when it could not.
`,
  options: {},
  maxArgs: 0,
  async run({ env, terminal }) {
    const { preflight } = await import('../../preflight/preflight.ts');
    const log = createLog({
      level: 'error',
      format: 'json',
      write: (line) => terminal.printError(line),
      clock: systemClock,
    });
    const report = await preflight({ env, version: clayVersion, clock: systemClock, log });
    terminal.print(JSON.stringify(report));
    return report.ok ? 0 : preflightFailed;
  },
};

import { ClayError } from '@clay/sdk';
import { systemClock } from '../../clock.ts';
import { clayVersion } from '../../version.ts';
import type { Command } from '../command.ts';

export const container: Command = {
  usage: '',
  help: `
What a container of the image runs: takes settings from data/.env (names that are neither secrets nor addresses), makes
sure that the volumes can be written, and starts the claw under its medic, which this process becomes.

  CLAY_STANDBY  wait or wait:ID: checks everything on copies, then waits until the claw that holds the volume has
                ended, and takes its place. "clay standby" tells how far it is.

Ends with 3 when the preflight failed, with 4 when a volume cannot be written.
`,
  options: {},
  maxArgs: 0,
  async run({ env, terminal }) {
    const { runContainer } = await import('../../container/run-container.ts');
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
    const end = await runContainer({
      env,
      version: clayVersion,
      clock: systemClock,
      print: (line) => terminal.print(line),
      printError: (line) => terminal.printError(line),
      signal: stopping.signal,
    });
    if (typeof end === 'number') return end;
    // A signal of this moment would be heard by nobody.
    if (stopping.signal.aborted) return 0;
    if (process.execve === undefined)
      throw new ClayError('UNAVAILABLE', `Node ${process.version} cannot become another program here.`);
    return process.execve(end.command, [end.command, ...end.args], end.env);
  },
};

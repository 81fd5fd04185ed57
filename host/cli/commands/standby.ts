import { readStandbyState } from '../../container/standby-state.ts';
import { preflightFailed } from '../../preflight/exit-codes.ts';
import type { Command } from '../command.ts';

/** As sysexits.h has it: try again. */
const notYet = 75;

export const standby: Command = {
  usage: '',
  help: `
Says as one line of JSON how far a container is that was started with CLAY_STANDBY. Exit code 0: it waits for the volume,
or is the claw; 75: not yet; 3: its preflight failed.
`,
  options: {},
  maxArgs: 0,
  async run({ env, terminal }) {
    const state = readStandbyState();
    const isClaw = (state === null || state.state === 'taking') && (await isReady(env.CLAY_PORT || '8080'));
    terminal.print(
      JSON.stringify(
        isClaw ? { state: 'claw', report: state?.report ?? null } : (state ?? { state: 'starting', report: null }),
      ),
    );
    if (isClaw || state?.state === 'waiting') return 0;
    return state?.state === 'failed' ? preflightFailed : notYet;
  },
};

async function isReady(port: string): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) })).ok;
  } catch {
    return false;
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';

const loop = 'count = 0\nfor one in range(1000000000):\n    count += one\nreturn "ended " + str(count)';
const hoard =
  'kept = []\nfor one in range(100000000):\n    kept.append("x" * 1000000 + str(one))\nreturn "ended " + str(len(kept))';

/** The machine, and what stays behind. */
export const machineAttacks: readonly Attack[] = [
  {
    action: 'signal or end the host or the medic',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'impossible' },
    because: 'a user signals only its own processes',
    ways: {
      'by the shell': async (lab) =>
        (await lab.shell(`kill -0 ${lab.claw.pid} && echo "may"-kill`)).includes('may-kill'),
      'by tracing it': async (lab) =>
        (await lab.shell(`head -c 1 /proc/${lab.claw.pid}/auxv >/dev/null && echo "may"-trace`)).includes('may-trace'),
    },
  },
  {
    action: 'take the processor or the memory by a script',
    outcomes: { off: 'impossible', ask: 'impossible', plain: 'impossible', hardened: 'impossible' },
    because: 'steps, time and memory of a script are bounded; the host goes on meanwhile',
    ways: {
      'an endless loop': async (lab) => (await lab.script(loop)).includes('ended '),
      'all memory': async (lab) => (await lab.script(hoard)).includes('ended '),
    },
  },
  {
    action: 'take processor, memory, processes or disk by a program',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'possible' },
    because: 'only time and output of a command are bounded: bound the rest by the container',
    ways: {
      'processes and disk, a few of each': async (lab) =>
        (
          await lab.shell(
            `for one in 1 2 3 4 5 6 7 8; do (head -c 65536 /dev/zero > "${lab.trace}/$one") & done; wait; echo "took"-it`,
          )
        ).includes('took-it'),
    },
  },
  {
    action: 'leave a program running behind its command',
    outcomes: { off: 'impossible', ask: 'a yes', plain: 'possible', hardened: 'possible' },
    because: 'a command’s process group ends with it; what leaves that group on purpose stays, as its user',
    ways: {
      'by a session of its own': async (lab) => {
        const marker = join(lab.trace, 'behind');
        await lab.shell(
          `setsid sh -c 'echo $$ > ${marker}; exec sleep 5' >/dev/null 2>&1 & while [ ! -s ${marker} ]; do :; done`,
        );
        const output = existsSync(marker) ? await lab.shell(`kill $(cat ${marker}) && echo "was"-there`) : '';
        return output.includes('was-there');
      },
    },
  },
];

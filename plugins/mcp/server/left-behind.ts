import { execFile } from 'node:child_process';

/** Prints the pid of every process that has this in its environment. */
const script = `
for file in $(grep -lsF -- "$1" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}
  echo "\${pid%/environ}"
done`;

/**
 * Ends every process whose home this is: what a server has started in groups of its own, and what a killed process of
 * ours has left behind. Only one session uses a home. Looks twice: what was just being started is found by the second
 * look.
 */
export async function endLeftBehind(home: string): Promise<number> {
  let ended = 0;
  for (let look = 0; look < 2; look++) {
    const pids = await findAtHome(home);
    if (pids.length === 0) break;
    for (const pid of pids) if (kill(pid)) ended += 1;
  }
  return ended;
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    // It has just ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** None where the machine does not tell. Read by a program, as a plugin in a process may not read there itself. */
function findAtHome(home: string): Promise<readonly number[]> {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
  return new Promise((resolve) => {
    // It fails for processes of others, and where nothing is found.
    execFile('sh', ['-c', script, 'sh', `HOME=${home}`], { env }, (_error, out) => {
      resolve(
        out
          .split('\n')
          .map(Number)
          .filter((pid) => pid > 0),
      );
    });
  });
}

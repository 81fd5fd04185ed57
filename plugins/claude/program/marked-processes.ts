import { execFile } from 'node:child_process';

/** Names of the variables by which the processes of a run are known, also those that leave its group. */
export const runMark = 'CLAY_CLAUDE_RUN';
export const ownerMark = 'CLAY_CLAUDE_OWNER';

/** Prints the pid and the owner of every process that has this in its environment. */
const script = `
for file in $(grep -lsF -- "$1" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}
  echo "\${pid%/environ} $(tr '\\0' '\\n' 2>/dev/null <"$file" | sed -n 's/^${ownerMark}=//p')"
done`;

interface MarkedProcess {
  readonly pid: number;
  /** The process that has started the run; NaN when the process has just ended. */
  readonly owner: number;
}

/** Ends every process of a run. Looks twice: what was just being started is found by the second look. */
export async function endMarked(mark: string): Promise<void> {
  for (let look = 0; look < 2; look++) {
    const found = await findMarked(mark);
    if (found.length === 0) return;
    for (const { pid } of found) sendSignal(pid, 'SIGKILL');
  }
}

/** Ends what a process of ours has left behind that was killed: nobody else knows of it. Gives how many there were. */
export async function endOrphans(mark: string): Promise<number> {
  const orphans = (await findMarked(mark)).filter(({ owner }) => !Number.isNaN(owner) && !isThere(owner));
  for (const { pid } of orphans) sendSignal(pid, 'SIGKILL');
  return orphans.length;
}

/** To a process, or to a group when negative. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Nobody is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** None where the machine does not tell. Read by a program, as a plugin in a process may not read there itself. */
function findMarked(mark: string): Promise<readonly MarkedProcess[]> {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
  return new Promise((resolve) => {
    // It fails for processes of others, and where nothing is found.
    execFile('sh', ['-c', script, 'sh', mark], { env }, (_error, out) => {
      const lines = out.split('\n').map((line) => line.split(' '));
      const found = lines.map(([pid, owner]) => ({ pid: Number(pid), owner: Number(owner || Number.NaN) }));
      resolve(found.filter(({ pid }) => pid > 0));
    });
  });
}

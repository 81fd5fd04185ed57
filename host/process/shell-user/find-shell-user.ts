import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ClayError } from '@clay/sdk';

/** The second user of a claw: shells and the programs that plugins start run as it. */
export interface ShellUser {
  readonly uid: number;
  readonly gid: number;
}

/** Bits of Linux: to give files away, to pass their modes, to change those of others, to end what others run, to set ids. */
const neededCapabilities = { CHOWN: 0, DAC_OVERRIDE: 1, FOWNER: 3, KILL: 5, SETGID: 6, SETUID: 7 };

/**
 * The user that `CLAY_SHELL_USER` names: `uid`, `uid:gid` or a name.
 *
 * @throws ClayError `REFUSED` when there is none, when it is no other than the host's own, when this host may not start
 * processes as another user, or when that user cannot read what it has to run
 */
export function findShellUser(text: string): ShellUser {
  const user = parseShellUser(text, readFileSync('/etc/passwd', 'utf8'));
  if (user === null)
    throw refused(text, 'names no user of this machine. Give a name from /etc/passwd, a uid, or uid:gid.');
  const own = [process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])];
  if (user.uid === 0 || user.uid === process.getuid?.() || user.gid === 0 || own.includes(user.gid))
    throw refused(text, `is uid ${user.uid} with gid ${user.gid}: both must be others than root's and the host's own.`);
  const missing = missingCapabilities();
  if (missing.length > 0)
    throw refused(
      text,
      `needs a host that may start processes as another user, and this one (uid ${process.getuid?.()}) may not: it lacks ${missing.join(', ')}. Start the host as root (in the container: "user: root"), or unset CLAY_SHELL_USER.`,
    );
  requireStart(text, user);
  return user;
}

/** Null: nobody. A gid that is not given is the user's own, or the number of the uid. */
export function parseShellUser(text: string, passwd: string): ShellUser | null {
  const users = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .filter(({ length }) => length > 3);
  const numbers = /^(\d+)(?::(\d+))?$/.exec(text);
  const [, uid, gid] = numbers ?? [];
  const known = users.find(([name, , id]) => (uid === undefined ? name === text : id === uid));
  if (uid === undefined && known === undefined) return null;
  return { uid: Number(uid ?? known?.[2]), gid: Number(gid ?? known?.[3] ?? uid) };
}

function missingCapabilities(): readonly string[] {
  const held = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const bits = BigInt(`0x${held}`);
  return Object.entries(neededCapabilities)
    .filter(([, bit]) => (bits & (1n << BigInt(bit))) === 0n)
    .map(([name]) => name);
}

/** What it runs lies where Node and we lie. */
function requireStart(text: string, user: ShellUser): void {
  const script = 'require("node:fs").readdirSync(process.argv[1])';
  const folder = import.meta.dirname;
  const { error, status, stderr } = spawnSync(process.execPath, ['--eval', script, folder], { ...user, env: {} });
  if (error === undefined && status === 0) return;
  const why =
    error?.message ??
    stderr
      .toString()
      .trim()
      .split('\n')
      .find((line) => line.includes('Error')) ??
    '';
  throw refused(
    text,
    `is a user that cannot run Node (${process.execPath}) or read this installation (${folder}): ${why}. Let every user read both.`,
  );
}

function refused(text: string, why: string): ClayError {
  return new ClayError('REFUSED', `CLAY_SHELL_USER=${text} ${why}`);
}

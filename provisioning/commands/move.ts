import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { backUp } from '../archive/back-up.ts';
import { proveHealth } from '../claw/health.ts';
import { withLock } from '../claw/lock.ts';
import { makePrivateFolder } from '../claw/private-file.ts';
import { type AdminCommand, type AdminContext, textOption } from '../command.ts';
import { ProvisioningError, quote } from '../errors.ts';
import { namesOf, parseUsername } from '../names/username.ts';

export const move: AdminCommand = {
  usage: 'USERNAME HOST [--clay PROGRAM]',
  summary: 'move a claw to another host, by SSH',
  help: `
Stops the claw here, sends a backup of it to "clay admin restore" on HOST (user@name, as ssh takes it), and leaves it stopped when
it is healthy there; else it is started here again. It is never served by both. What is left here goes by "deprovision USERNAME
--delete-data", when you have seen that all is well and the name's DNS leads to HOST.

  --clay PROGRAM  the command on HOST; default: clay
`,
  options: { clay: { type: 'string' } },
  maxArgs: 2,
  run,
};

async function run(context: AdminContext): Promise<number> {
  const { operator, docker, say, print, clock, timing } = context;
  const username = parseUsername(context.args[0]);
  const host = parseHost(context.args[1]);
  const program = textOption(context, 'clay') ?? 'clay';
  if (!/^[\w./-]+$/.test(program))
    throw new ProvisioningError('BAD_OPTION', `--clay is ${quote(program)}; it must be the path of a program.`);
  const { container } = namesOf(username);
  return withLock(operator.root, username, async () => {
    makePrivateFolder(operator.root);
    const folder = mkdtempSync(join(operator.root, 'outgoing-'));
    try {
      const file = join(folder, 'backup.tar');
      await backUp(context, username, file, true);
      try {
        say(`sending it to ${host}`);
        await send(context, host, [program, 'admin', 'restore', username, '-'], file);
      } catch (error) {
        say('it did not arrive; starting it here again');
        await docker.run(['start', container]);
        await proveHealth(docker, container, { ...timing, healthMs: 0 }, clock);
        throw error;
      }
      await docker.run(['update', '--restart', 'no', container]);
      print(
        `claw-${username} lives on ${host} now. Here it is stopped; remove it by "deprovision ${username} --delete-data".`,
      );
      return 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function parseHost(host: string | undefined): string {
  // A host that begins with a dash would be an option of ssh.
  if (host !== undefined && /^[A-Za-z0-9_][\w.@:-]{0,200}$/.test(host)) return host;
  throw new ProvisioningError(
    'BAD_OPTION',
    `${quote(host ?? '')} is no host; it must be as ssh takes it, such as root@claws2.example.`,
  );
}

async function send({ env }: AdminContext, host: string, command: readonly string[], file: string): Promise<void> {
  const child = spawn(env.SSH || 'ssh', [host, ...command], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  // The other side may end before it has read all, and then says why; a pipe that breaks says nothing.
  const sent = pipeline(createReadStream(file), child.stdin).then(
    () => null,
    (error: Error) => error,
  );
  try {
    const [[code], stderr, fault] = await Promise.all([ended, text(child.stderr), sent]);
    if (code === 0 && fault === null) return;
    throw new ProvisioningError(
      'PROGRAM',
      `${host} did not take the claw: ${stderr.trim() || (fault?.message ?? `exit code ${code}`)}`,
    );
  } catch (error) {
    if (error instanceof ProvisioningError) throw error;
    throw new ProvisioningError('PROGRAM', `ssh could not be run: ${(error as Error).message}.`, { cause: error });
  }
}

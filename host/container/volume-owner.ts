import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigPaths } from '../config/config.ts';

/** Files that a host could not do without writing. */
const written = ['messages.db', 'journal.db', 'host.lock', 'token', 'identity.pem'];

/** What of the claw's folders this process cannot write, in words, with the command that mends it. Empty: nothing. */
export function findUnwritable({ root, data, soul, public: page }: ConfigPaths): readonly string[] {
  const problems: string[] = [];
  for (const folder of [data, soul, page, join(root, 'builds')]) {
    const problem = problemOf(folder, constants.W_OK | constants.X_OK);
    if (problem !== null) problems.push(problem);
  }
  if (problems.length > 0) return problems;
  return written
    .map((name) => join(data, name))
    .filter((file) => existsSync(file))
    .flatMap((file) => problemOf(file, constants.R_OK | constants.W_OK) ?? []);
}

function problemOf(path: string, mode: number): string | null {
  try {
    if (!existsSync(path)) mkdirSync(path, { recursive: true });
    accessSync(path, mode);
    return null;
  } catch (error) {
    const own = `${process.getuid?.()}:${process.getgid?.()}`;
    if ((error as NodeJS.ErrnoException).code === 'EROFS')
      return `${path} lies on a file system that is mounted read-only. Mount a volume there.`;
    if (!existsSync(path))
      return `${path} is not there, as far as ${own} can see, and cannot be made. Mount a volume there.`;
    const { uid, gid, mode: bits } = statSync(path);
    return `${path} belongs to ${uid}:${gid} with mode ${(bits & 0o7777).toString(8)}, and the claw runs as ${own}. Give it to it: chown -R ${own} on the folder that is mounted there, or for a named volume: docker run --rm --user 0:0 --entrypoint chown -v VOLUME:${path} IMAGE -R ${own} ${path}`;
  }
}

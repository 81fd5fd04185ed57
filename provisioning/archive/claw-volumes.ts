import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { packForClaw } from '../claw/soul.ts';
import type { Docker } from '../docker/docker.ts';
import { ProvisioningError } from '../errors.ts';
import type { VolumeRole } from '../names/username.ts';

/** Where a claw keeps what it keeps; each part is a tar archive on its way in and out. */
export interface ClawVolumes {
  /** Of a claw that does not run. */
  read(role: VolumeRole, take: (archive: Readable) => Promise<void>): Promise<void>;
  write(role: VolumeRole, archive: Readable): Promise<void>;
}

/** Through a container that is there and does not run. Docker itself reads and writes: nothing of the image is started. */
export function dockerVolumes(docker: Docker, container: string): ClawVolumes {
  return {
    read: (role, take) => docker.stream(['cp', `${container}:/app/${role}/.`, '-'], take),
    write: async (role, archive) =>
      void (await docker.run(['cp', '-', `${container}:/app/${role}`], { input: archive })),
  };
}

/** A claw that runs without a container, in a folder of this machine. */
export function folderVolumes(folder: string): ClawVolumes {
  return {
    async read(role, take) {
      mkdirSync(join(folder, role), { recursive: true });
      await take(packForClaw(join(folder, role)));
    },
    async write(role, archive) {
      const target = join(folder, role);
      mkdirSync(target, { recursive: true });
      if (readdirSync(target).length > 0)
        throw new ProvisioningError('TAKEN', `${target} is not empty; a backup goes into an empty place.`);
      await pipeline(archive, extract({ cwd: target, preserveOwner: false, strict: true }));
    },
  };
}

/** Throws while a host runs on the folder: its database could not be copied whole. */
export function requireStopped(folder: string): void {
  const file = join(folder, 'data', 'run.json');
  if (!existsSync(file)) return;
  const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: number };
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
  }
  throw new ProvisioningError('BUSY', `The claw on ${folder} runs (process ${pid}); stop it first.`);
}

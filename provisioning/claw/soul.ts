import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create } from 'tar';
import type { Docker } from '../docker/docker.ts';
import type { ClawNames } from '../names/username.ts';
import { findTemplates } from './template.ts';

/** Whose everything in a claw's volumes is; the image's user. */
export const clawUser = 10_001;

/** Gives a new claw its first soul. */
export async function putSoul(docker: Docker, names: ClawNames): Promise<void> {
  const archive = packForClaw(join(findTemplates(), 'soul-template'));
  await docker.run(['cp', '-', `${names.container}:/app/soul`], { input: archive });
}

/** A folder as a tar archive in which everything belongs to the claw's user. */
export function packForClaw(folder: string, keeps: (path: string) => boolean = () => true): Readable {
  const pack = create(
    {
      cwd: folder,
      portable: false,
      filter: keeps,
      onWriteEntry: (entry) => {
        if (entry.stat === undefined) return;
        entry.stat.uid = clawUser;
        entry.stat.gid = clawUser;
      },
    },
    ['.'],
  );
  return Readable.from(pack);
}

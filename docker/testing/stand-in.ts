import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DockerEngine } from './docker-engine.ts';

const root = dirname(dirname(import.meta.dirname));

export const standInRuntime = 'clay-stand-in:runtime';
export const standInProgram = 'clay-stand-in:program';

/** A small Debian, as no registry is needed for it. */
function debianTar(cache: string): string {
  const tar = join(cache, 'bookworm.tar');
  if (existsSync(tar)) return tar;
  const folder = join(cache, 'bookworm');
  const packages = '--include=ca-certificates,bash,libatomic1,libstdc++6';
  if (!existsSync(join(folder, 'etc', 'os-release')))
    execFileSync('debootstrap', ['--variant=minbase', packages, 'bookworm', folder], { stdio: 'ignore' });
  const skipped = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'];
  execFileSync('tar', ['-C', folder, ...skipped.map((path) => `--exclude=./${path}/*`), '-cf', tar, '.']);
  return tar;
}

/** In the place of Alpine with its packages: Debian with the pinned Node, tini and matterbridge. */
export async function importRuntime(engine: DockerEngine, cache: string, programs: Programs): Promise<void> {
  await engine.docker('import', debianTar(cache), 'clay-stand-in:debian');
  const context = mkdtempSync(join(tmpdir(), 'clay-runtime-'));
  try {
    for (const [name, file] of Object.entries(programs)) {
      copyFileSync(file, join(context, name));
      chmodSync(join(context, name), 0o755);
    }
    writeFileSync(
      join(context, 'Dockerfile'),
      `FROM clay-stand-in:debian\nCOPY ${Object.keys(programs).join(' ')} /usr/local/bin/\n`,
    );
    await engine.docker('build', '-t', standInRuntime, context);
  } finally {
    rmSync(context, { recursive: true });
  }
}

export interface Programs {
  readonly node: string;
  readonly tini: string;
  readonly matterbridge: string;
}

/** In the place of the stage that runs npm: what docker/assemble.ts makes of this checkout and its packages. */
export async function importProgram(engine: DockerEngine): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-program-'));
  try {
    chmodSync(folder, 0o755);
    execFileSync(process.execPath, [join(root, 'docker', 'assemble.ts'), join(folder, 'out')], { stdio: 'inherit' });
    const tar = spawn('tar', ['-C', join(folder, 'out'), '-cf', join(folder, 'out.tar'), '.']);
    await once(tar, 'close');
    await engine.docker('import', join(folder, 'out.tar'), standInProgram);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The Dockerfiles of the repository, without the rest of it as their context. */
export function buildContext(): string {
  const context = mkdtempSync(join(tmpdir(), 'clay-context-'));
  mkdirSync(join(context, 'docker'));
  for (const name of ['Dockerfile', 'Dockerfile.buildservice'])
    cpSync(join(root, 'docker', name), join(context, 'docker', name));
  return context;
}

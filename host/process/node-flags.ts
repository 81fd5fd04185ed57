import { join } from 'node:path';
import { type Manifest, type Paths, type Permission, parsePermission } from '@clay/sdk';
import { clawPath } from '@clay/sdk/wire';

export interface NodeFlagsOptions {
  readonly manifest: Manifest;
  /** Effective, not declared. */
  readonly permissions: readonly string[];
  readonly paths: Paths;
  /** The folder of the build: all that a generation may read when it was granted nothing. */
  readonly folder: string;
  /** It runs as a user of its own, whose rights bound it and all that it starts. */
  readonly isOtherUser: boolean;
}

/**
 * What every child gets. Never among them: `--allow-worker`, `--allow-addons`, `--allow-wasi`, `--allow-net`. A worker
 * sheds the permission model, and so does SQLite; both stay shut whatever was granted.
 */
const always = [
  '--permission',
  '--no-experimental-sqlite',
  '--disable-proto=delete',
  '--disable-sigusr1',
  '--no-addons',
  '--enable-source-maps',
  // Of no use to anybody in the output that the author reads.
  '--disable-warning=SecurityWarning',
  '--disable-warning=ExperimentalWarning',
  // The permission model lets a child write no file, so the report comes by its standard error.
  '--report-on-fatalerror',
  '--report-filename=stderr',
  '--report-compact',
  '--report-exclude-env',
  '--report-exclude-network',
];

/** The flags of Node under which a generation runs: exactly what its permissions give, and its memory. */
export function nodeFlags({ manifest, permissions, paths, folder, isOtherUser }: NodeFlagsOptions): readonly string[] {
  // What it may start reaches all files of that user: to keep its own code from them would protect nothing.
  const everything = ['--allow-fs-read=*', '--allow-fs-write=*'];
  const granted = permissions.map(parsePermission).filter((one) => typeof one !== 'string');
  return [
    ...always,
    `--max-old-space-size=${manifest.limits.memoryMb}`,
    ...new Set([...below('read', folder), ...granted.flatMap((one) => grantsOf(one, paths))]),
    ...(isOtherUser ? everything : []),
  ];
}

function grantsOf({ name, argument }: Permission, paths: Paths): readonly string[] {
  switch (name) {
    case 'fs.read':
      return below('read', clawPath(argument, paths));
    case 'fs.write':
      return below('write', clawPath(argument, paths));
    case 'shell':
      return ['--allow-child-process'];
    // By the host's functions, or not at all: Node knows no narrower grant than every program and every address.
    case 'http':
    case 'spawn':
    case 'listen':
    case 'secret':
    case 'memory.read':
    case 'memory.write':
    case 'soul.read':
    case 'soul.write':
    case 'tasks.read':
    case 'tasks.write':
    case 'chat.send':
    case 'chat.read':
    case 'llm':
    case 'call':
      return [];
  }
}

/** Both forms: Node takes `x/*` as what lies below `x`, and `x` as the folder itself. */
function below(access: 'read' | 'write', folder: string): string[] {
  return [`--allow-fs-${access}=${folder}`, `--allow-fs-${access}=${join(folder, '*')}`];
}

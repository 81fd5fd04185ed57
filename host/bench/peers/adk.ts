import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, type Server, startServer } from '../../testing/claw.ts';

const folder = join(dirname(dirname(dirname(import.meta.dirname))), '.peers', 'adk');

/** The registry has MikroORM drivers 6.6.17 without the knex package they ask for. */
const overrides = Object.fromEntries(
  ['core', 'knex', 'sqlite', 'mysql', 'mariadb', 'postgresql', 'mssql', 'reflection'].map((name) => [
    `@mikro-orm/${name}`,
    '6.6.16',
  ]),
);

/** Installs ADK's own server into an ignored folder, once; its SQLite driver is compiled, which takes a minute or more. */
export function installAdkPeer(): void {
  if (existsSync(join(folder, 'node_modules', 'sqlite3', 'build', 'Release', 'node_sqlite3.node'))) return;
  console.error('installing the peer: @google/adk-devtools …');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'peer-adk', private: true, type: 'module', overrides }),
  );
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
  npm('install', '--no-audit', '--no-fund', '--ignore-scripts', '@google/adk-devtools@2.0.0', '@google/adk@2.0.0');
  npm('rebuild', 'sqlite3');
}

/** `sessions` is `memory` or a `sqlite://` address. */
export async function startAdkPeer(sessions: string): Promise<Server> {
  copyFileSync(join(import.meta.dirname, 'adk-server.mjs'), join(folder, 'server.mjs'));
  const port = await freePort();
  const env = { PATH: process.env.PATH ?? '' };
  return startServer(
    process.execPath,
    ['server.mjs', String(port), sessions],
    env,
    `http://127.0.0.1:${port}`,
    '/list-apps',
    folder,
  );
}

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisioningError } from '../errors.ts';

const firstPort = 10_000;
const lastPort = 19_999;

/** Takes the lowest port of the host's loopback that no claw has. One file a port: of two that ask at once each gets its own. */
export function takePort(root: string, username: string): number {
  const folder = join(root, 'ports');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const taken = new Set(readdirSync(folder));
  for (let port = firstPort; port <= lastPort; port++) {
    if (taken.has(String(port))) continue;
    try {
      writeFileSync(join(folder, String(port)), username, { flag: 'wx', mode: 0o600 });
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new ProvisioningError('TAKEN', `All ports from ${firstPort} to ${lastPort} belong to claws (${folder}).`);
}

export function freePort(root: string, username: string, port: number): void {
  const file = join(root, 'ports', String(port));
  try {
    if (readFileSync(file, 'utf8') === username) rmSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

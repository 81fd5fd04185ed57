import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from '../../../config/load.ts';
import { defaultRoot } from '../../client/find-claw.ts';

function historyFile(env: Environment): string {
  return join(resolve(env.CLAY_ROOT || defaultRoot), 'data', 'chat-history');
}

/** Lines typed before, newest first. */
export function loadHistory(env: Environment): string[] {
  const file = historyFile(env);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Keeps them where the claw keeps its own; without such a folder here (a distant claw) they are not kept. */
export function saveHistory(env: Environment, lines: readonly string[]): void {
  const file = historyFile(env);
  if (existsSync(dirname(file))) writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}

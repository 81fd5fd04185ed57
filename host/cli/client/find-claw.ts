import { join, resolve } from 'node:path';
import type { Environment } from '../../config/load.ts';
import { isLoopbackAddress } from '../../gateway/guard.ts';
import { readRunFile } from '../../gateway/run-file.ts';
import { readToken, tokenFile } from '../../gateway/token-file.ts';
import { CliError, UnreachableError } from '../cli-error.ts';

/** Used when `CLAY_ROOT` is unset. */
export const defaultRoot = '.clay';

export interface ClawAddress {
  readonly url: string;
  readonly token: string | null;
  /** How the address was found, for messages. */
  readonly from: string;
}

/**
 * The claw to talk to: `CLAY_URL` with `CLAY_TOKEN`, else the one that runs on `CLAY_ROOT`. The token in that claw's folder
 * is never sent to an address that came from elsewhere.
 */
export function findClaw(env: Environment): ClawAddress {
  const ownToken = env.CLAY_TOKEN || null;
  if (env.CLAY_URL) return { url: checkUrl(env.CLAY_URL), token: ownToken, from: 'CLAY_URL' };
  const root = resolve(env.CLAY_ROOT || defaultRoot);
  const data = join(root, 'data');
  const run = readRunFile(data);
  if (run === null) {
    throw new UnreachableError(
      `No claw runs on ${root}. Start one with "npm start" (or "clay start"), or set CLAY_URL to the address of one that runs elsewhere.`,
    );
  }
  // The token is for this machine only, and whoever can write that file must not be able to have it sent elsewhere.
  if (!isLocalUrl(run.adkUrl)) {
    throw new CliError(
      `${join(data, 'run.json')} names ${JSON.stringify(run.adkUrl)}, which is no address of this machine: it was changed by somebody. Delete it and start the claw again.`,
    );
  }
  return { url: run.adkUrl, token: ownToken ?? readToken(tokenFile(data))?.value ?? null, from: root };
}

function isLocalUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' && url.username === '' && isLoopbackAddress(url.hostname.replace(/^\[|\]$/g, ''));
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw new CliError(`CLAY_URL is ${JSON.stringify(text)}; it must be an address such as http://127.0.0.1:8080.`);
}

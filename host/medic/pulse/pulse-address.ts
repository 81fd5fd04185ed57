import { fstatSync } from 'node:fs';
import { pulseVariable } from '../supervisor/pulse-variable.ts';

/** Where the medic that has started this host listens. */
export interface PulseAddress {
  readonly readFd: number;
  readonly writeFd: number;
  /** What this host writes to its standard error goes through the medic to a terminal. */
  readonly isTerminal: boolean;
}

/** Takes the address out of the environment, so that nothing that this host starts finds it. Null without a medic. */
export function takePulseAddress(env: Record<string, string | undefined>): PulseAddress | null {
  const text = env[pulseVariable];
  delete env[pulseVariable];
  const match = text === undefined ? null : /^(\d+),(\d+)(,terminal)?$/.exec(text);
  if (match === null) return null;
  const [readFd, writeFd] = [Number(match[1]), Number(match[2])];
  return isSocket(readFd) && isSocket(writeFd) ? { readFd, writeFd, isTerminal: match[3] !== undefined } : null;
}

/** A variable that has been copied somewhere else names a pipe that is not there. */
function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}

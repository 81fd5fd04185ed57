import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@clay/sdk';

/** The name under which the original took a new program of itself. */
const swapName = 'clay.new';

export interface RefusedSwap {
  /** Where it is now. */
  readonly file: string;
  /** For the operator and the agent: what was found, and what takes its place. */
  readonly message: string;
}

/**
 * Looks for the original's self-swap in `builds/`. What is there is never run: it is set aside under a name that says so.
 * Null when there is none.
 */
export function refuseBinarySwap(buildsFolder: string, clock: Clock): RefusedSwap | null {
  const found = join(buildsFolder, swapName);
  if (lstatSync(found, { throwIfNoEntry: false }) === undefined) return null;
  const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(':', '-');
  const refused = `${found}.refused-${stamp}`;
  const aside = setAside(found, refused);
  return { file: aside === null ? refused : found, message: tell(found, aside === null ? refused : null, aside) };
}

/** Why it could not be moved; null when it was. */
function setAside(found: string, refused: string): string | null {
  try {
    renameSync(found, refused);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function tell(found: string, refused: string | null, problem: string | null): string {
  const fate =
    refused === null
      ? `It was left where it is (${problem}) and was not run`
      : `It was set aside as ${refused} and was not run`;
  return `${found} was found: a program that is to take the host's place, as the original Clay swapped itself. ${fate}. The host is not replaced while it runs any more. To change what the claw can do, write an extension (data/extensions/NAME.star) or a plugin (data/plugins/NAME, with build_and_deploy): each becomes a generation that is tried before it serves and taken back when it fails. To change the host itself, start a new image. Delete the file when you do not need it.`;
}

import { accessSync, constants, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { ClayError } from '@clay/sdk';

/** Names the program to whom it is not on the PATH of. */
const variable = 'MATTERBRIDGE_BIN';
const program = 'matterbridge';

const howToGet =
  'Get it by "apk add matterbridge", by "go install github.com/42wim/matterbridge@v1.26.0", or from https://github.com/42wim/matterbridge/releases, and put it on the PATH or name it in MATTERBRIDGE_BIN. Or set CHAT_CONNECTOR=telegram: then the bot is served without it.';

/**
 * What a process needs in its environment to be found as `matterbridge`: the medic starts programs by their name alone, as
 * a permission names them. A program that is called otherwise, as those of the releases are, gets a link of that name.
 * Throws `NOT_FOUND`, with how to get it.
 */
export function findProgram(
  dataFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const told = environment[variable];
  if (told === undefined || told === '') {
    const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
    if (folders.some((folder) => isProgram(join(folder, program)))) return {};
    throw new ClayError('NOT_FOUND', `The program matterbridge is on no folder of the PATH. ${howToGet}`);
  }
  if (!isAbsolute(told) || !isProgram(told))
    throw new ClayError(
      'NOT_FOUND',
      `MATTERBRIDGE_BIN is ${JSON.stringify(told)}, which is no program that may be run, with its whole path. ${howToGet}`,
    );
  return { PATH: link(dataFolder, told) };
}

/** Gives the folder. */
function link(dataFolder: string, target: string): string {
  const folder = join(dataFolder, 'matterbridge', 'bin');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, program);
  rmSync(file, { force: true });
  symlinkSync(target, file);
  return folder;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

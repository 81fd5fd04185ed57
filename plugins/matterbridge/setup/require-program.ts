import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { ClayError } from '@clay/sdk';

const program = 'matterbridge';

const howToGet =
  'Get it by "apk add matterbridge", by "go install github.com/42wim/matterbridge@v1.26.0", or from https://github.com/42wim/matterbridge/releases, and put it on the PATH or name it in MATTERBRIDGE_BIN. Or set CHAT_CONNECTOR=telegram: then the bot is served without it.';

/** Throws `NOT_FOUND`, with how to get it, where the medic would look for the program in vain. */
export function requireProgram({ PATH, MATTERBRIDGE_BIN: told }: Readonly<Record<string, string | undefined>>): void {
  if (told) {
    if (isAbsolute(told) && isProgram(told)) return;
    throw new ClayError(
      'NOT_FOUND',
      `MATTERBRIDGE_BIN is ${JSON.stringify(told)}, which is no program that may be run, with its whole path. ${howToGet}`,
    );
  }
  const folders = (PATH ?? '').split(delimiter).filter(Boolean);
  if (!folders.some((folder) => isProgram(join(folder, program))))
    throw new ClayError('NOT_FOUND', `The program matterbridge is on no folder of the PATH. ${howToGet}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

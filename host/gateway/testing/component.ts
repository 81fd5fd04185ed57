import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Component {
  /** Where it is; null when it is missing. */
  readonly path: string | null;
  /** For a test's `skip`: false when the component is there, or must be. */
  readonly skip: string | false;
}

/** A program or folder that some tests want: named by a variable, or a command on the PATH. */
export function findComponent(name: string, variable: string, command?: string): Component {
  const path = process.env[variable] || (command === undefined ? null : findCommand(command));
  if (path && existsSync(path)) return { path, skip: false };
  const isRequired = process.env.REQUIRE_COMPONENTS === '1';
  return { path: null, skip: isRequired ? false : `${name} not found; set ${variable}` };
}

function findCommand(command: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { ClayError } from '@clay/sdk';
import { requireInside } from './skill-folder.ts';

const scriptFolder = 'scripts/';
/** By the end of the name; anything else has to be a program by itself. */
const interpreters: Readonly<Record<string, string>> = {
  sh: 'bash',
  bash: 'bash',
  py: 'python3',
  js: 'node',
  mjs: 'node',
  cjs: 'node',
  ts: 'node',
};
const keyPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

export type ScriptArguments = Readonly<Record<string, string | number | boolean>>;

/** The script that was asked for; else the only one there is. */
export function chooseScript(skill: string, files: readonly string[], wanted: string | undefined): string {
  const scripts = files.filter((file) => file.startsWith(scriptFolder));
  const known = scripts.join(', ') || 'none';
  if (wanted !== undefined) {
    requireInside(wanted);
    const found = [wanted, `${scriptFolder}${wanted}`].find((file) => files.includes(file));
    if (found !== undefined) return found;
    throw new ClayError('NOT_FOUND', `The skill ${skill} has no script ${JSON.stringify(wanted)}. Scripts: ${known}.`);
  }
  const [only, ...others] = scripts;
  if (only !== undefined && others.length === 0) return only;
  throw new ClayError(
    'BAD_ARGUMENTS',
    only === undefined
      ? `The skill ${skill} has no scripts: read it with skill_read, and do what it says.`
      : `The skill ${skill} has more than one script: name one as "script". Scripts: ${known}.`,
  );
}

/** A line for bash that runs a script in its skill's folder; arguments come to it as `SKILL_ARG_<NAME>`. */
export function scriptCommand(folder: string, script: string, args: ScriptArguments): string {
  const variables = Object.entries(args).map(([key, value]) => {
    if (!keyPattern.test(key) || String(value).includes('\0')) {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The argument ${JSON.stringify(key)} cannot be passed: names have letters, digits and _, and values no NUL.`,
      );
    }
    return `SKILL_ARG_${key.toUpperCase()}=${quote(String(value))}`;
  });
  const interpreter = interpreters[script.slice(script.lastIndexOf('.') + 1)];
  const program = interpreter === undefined ? quote(`./${script}`) : `${interpreter} ${quote(`./${script}`)}`;
  return `cd ${quote(folder)} && ${[...variables, program].join(' ')}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

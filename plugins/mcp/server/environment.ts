import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where programs are on a machine that says nothing. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ServerSurroundings {
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * All that a program sees of the host: a home of its own below `folder`, where programs are (Node's own last, for `npx`),
 * and the variables that the operator gives it.
 */
export function surroundingsOf(
  folder: string,
  names: readonly string[],
  values: Readonly<Record<string, string>>,
): ServerSurroundings {
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  for (const one of [home, temporary]) mkdirSync(one, { recursive: true });
  const { PATH = usualPath, LANG = 'C.UTF-8', TZ } = process.env;
  const given = names.flatMap((name) => (Object.hasOwn(values, name) ? [[name, values[name]!] as const] : []));
  return {
    home,
    environment: {
      ...Object.fromEntries(given),
      PATH: [PATH, dirname(process.execPath)].join(delimiter),
      LANG,
      ...(TZ !== undefined && { TZ }),
      HOME: home,
      TMPDIR: temporary,
    },
  };
}

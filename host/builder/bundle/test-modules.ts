/**
 * Stands in the place of `node:sqlite`, which sheds the permission model: databases in memory and below the temporary
 * folder, and no other file.
 */
export const sqliteModule = 'clay:sqlite';
/** Stands in the place of `node:test`, whose `run` would load modules that nobody has looked at. */
export const testModule = 'clay:test';
const sealModule = 'clay:seal';

/** What a bundle of tests has beside the plugin, its tests and the library. */
export const testModules: ReadonlyMap<string, string> = new Map([
  [
    sqliteModule,
    `import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve, sep } from 'node:path';
import * as sqlite from 'node:sqlite';
export const { constants } = sqlite;
const root = tmpdir() + sep;
const startsWith = Function.prototype.call.bind(String.prototype.startsWith);
const split = Function.prototype.call.bind(String.prototype.split);
const { SQLITE_ATTACH, SQLITE_DENY, SQLITE_OK } = constants;
function place(path) {
  if (path === ':memory:') return path;
  const full = typeof path === 'string' ? resolve(path) : '';
  let folder = root;
  let isInside = startsWith(full, root);
  const parts = isInside ? split(full, sep) : [];
  for (let end = split(root, sep).length - 1; end < parts.length; end++) {
    folder = resolve(folder, parts[end]);
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) isInside = false;
  }
  if (!isInside) throw new Error('Here a test keeps its databases in memory, or in a file below os.tmpdir().');
  return full;
}
export class DatabaseSync {
  #database;
  constructor(path) {
    this.#database = new sqlite.DatabaseSync(place(path), { allowExtension: false });
    this.#database.setAuthorizer((action) => (action === SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK));
  }
  exec(sql) {
    return this.#database.exec(sql);
  }
  prepare(sql) {
    return this.#database.prepare(sql);
  }
  setAuthorizer(judge) {
    this.#database.setAuthorizer((action, ...rest) => {
      if (action === SQLITE_ATTACH) return SQLITE_DENY;
      return judge === null ? SQLITE_OK : judge(action, ...rest);
    });
  }
  close() {
    this.#database.close();
  }
  [Symbol.dispose]() {
    this.#database.close();
  }
}
`,
  ],
  [
    testModule,
    `export { after, afterEach, before, beforeEach, describe, it, mock, suite, test, test as default } from 'node:test';
`,
  ],
  [
    sealModule,
    `import { syncBuiltinESMExports } from 'node:module';
for (const name of ['getBuiltinModule', 'binding', '_linkedBinding', 'dlopen', 'loadEnvFile', 'kill', '_kill'])
  Object.defineProperty(process, name, { value: undefined });
syncBuiltinESMExports();
`,
  ],
]);

/** What a bundle of tests begins with: the doors are shut before the first line of the author runs. */
export function testStart(tests: readonly string[]): string {
  return [sqliteModule, sealModule, ...tests.map((path) => `./${path}`)]
    .map((path) => `import ${JSON.stringify(path)};\n`)
    .join('');
}

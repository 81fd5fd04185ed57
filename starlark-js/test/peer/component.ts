import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A real program or folder that a suite needs, and the words to say when this machine lacks it. */
export interface Component {
  readonly name: string;
  readonly path: string | null;
  readonly missing: string;
}

/** The starlark-go command: `STARLARK_GO`, else `starlark` on the PATH, else where `go install` puts it. */
export function findStarlarkGo(environment: NodeJS.ProcessEnv = process.env): Component {
  const name = 'starlark-go';
  const told = environment.STARLARK_GO;
  if (told !== undefined && told !== '') {
    return { name, path: isExecutable(told) ? told : null, missing: `skipped: STARLARK_GO=${told} is not executable` };
  }
  const folders = [...(environment.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  const found = folders.filter((folder) => folder !== '').map((folder) => join(folder, 'starlark'));
  // A `starlark` inside node_modules is the command of this very package, not the peer.
  const path = found.find((file) => !file.includes('node_modules') && isExecutable(file)) ?? null;
  return { name, path, missing: 'skipped: starlark-go not found' };
}

/** The folder of the public conformance suite (`bazelbuild/starlark`, `test_suite/testdata`). */
export function findPublicSuite(environment: NodeJS.ProcessEnv = process.env): Component {
  const path = environment.STARLARK_SUITE || null;
  return { name: 'starlark-suite', path, missing: 'skipped: STARLARK_SUITE not set' };
}

/**
 * The value for the `skip` option of a test. `REQUIRE_COMPONENTS=1` turns a skip into a failure, but for what the
 * repository's list of components wants only where possible.
 */
export function skipWithout(component: Component, environment: NodeJS.ProcessEnv = process.env): string | false {
  if (component.path !== null) return false;
  if (environment.REQUIRE_COMPONENTS === '1' && isRequired(component.name)) {
    throw new Error(`REQUIRE_COMPONENTS=1, but ${component.name} is missing (${component.missing})`);
  }
  return component.missing;
}

const list = new URL('../../../.ci/components.json', import.meta.url);

function isRequired(name: string): boolean {
  if (!existsSync(list)) return true;
  const components: Record<string, { readonly want: string }> = JSON.parse(readFileSync(list, 'utf8'));
  return components[name]?.want !== 'where-possible';
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

/** The layers of `host/`, highest first; a module may import its own layer and those below. */
const layers: readonly (readonly string[])[] = [
  ['cli/bin.ts'],
  ['cli'],
  ['container'],
  ['preflight'],
  ['main.ts', 'banner.ts', 'claw.ts', 'shipped-plugins.ts'],
  ['kernel'],
  ['gateway', 'delivery', 'builder/service'],
  ['agent'],
  ['starlark', 'builder'],
  ['medic'],
  ['router', 'generations', 'process'],
  ['registry', 'scope', 'leases'],
  ['journal', 'store', 'manifest', 'graph', 'policy', 'identity'],
  ['config', 'clock.ts', 'log.ts'],
  ['schema.ts', 'version.ts', 'package.json', 'launch.mjs'],
];

/** Folders that stand beside the layers: tools that run at build time, and what only tests and benchmarks use. */
const beside = ['bundle', 'bench', 'testing'];

/** An import that exists at run time: imports of types are erased and bind nothing. */
interface Import {
  readonly from: string;
  readonly to: string;
}

const root = dirname(import.meta.dirname);
const packages = ['sdk', 'starlark-js', 'starlark-stdlib', 'host', 'plugins', 'examples', 'provisioning'];
const imports = packages.flatMap((folder) => sources(join(root, folder)).flatMap(importsOf));
const production = imports.filter(({ from }) => !isTestFile(from));

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith('.ts') && !/node_modules|\bdist\b|\.peers/.test(entry.parentPath),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s(?!type\b)[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => {
    const target = match[1] ?? match[2]!;
    return { from: file, to: target.startsWith('.') ? join(dirname(file), target) : target };
  });
}

function isTestFile(file: string): boolean {
  return file.endsWith('.test.ts') || /(^|\/)(test|testing|bench)\//.test(file);
}

function layerOf(file: string): number {
  const path = relative('host', file);
  return layers.findIndex((members) => members.some((member) => path === member || path.startsWith(`${member}/`)));
}

function isOurs(target: string): boolean {
  return packages.some((folder) => target.startsWith(`${folder}/`)) || /^(@clay\/|starlark-js)/.test(target);
}

test('plugins and examples import, of ours, only the SDK and their own folder', () => {
  const wrong = imports.filter(({ from, to }) => {
    const own = from.match(/^(?:plugins|examples)\/[^/]+\//)?.[0];
    return own !== undefined && isOurs(to) && !to.startsWith(own) && !/^@clay\/sdk(\/|$)/.test(to);
  });
  assert.deepEqual(wrong, []);
});

test('the SDK and starlark-js import nothing of ours but themselves', () => {
  for (const folder of ['sdk', 'starlark-js']) {
    const wrong = production.filter(
      ({ from, to }) => from.startsWith(`${folder}/`) && isOurs(to) && !to.startsWith(`${folder}/`),
    );
    assert.deepEqual(wrong, []);
  }
});

test('the standard library imports, of ours, only starlark-js and the SDK', () => {
  const wrong = production.filter(
    ({ from, to }) =>
      from.startsWith('starlark-stdlib/') && isOurs(to) && !/^(starlark-stdlib\/|starlark-js|@clay\/sdk)/.test(to),
  );
  assert.deepEqual(wrong, []);
});

test('the host imports, of ours, only the SDK, the standard library, starlark-js and provisioning, and names no plugin', () => {
  const allowed = /^(host\/|@clay\/sdk|@clay\/starlark-stdlib|@clay\/provisioning|starlark-js)/;
  const wrong = production.filter(({ from, to }) => from.startsWith('host/') && isOurs(to) && !allowed.test(to));
  assert.deepEqual(wrong, []);
});

test('provisioning imports nothing of ours but itself, and of the host only "clay admin" knows it', () => {
  const wrong = production.filter(({ from, to }) => {
    if (from.startsWith('provisioning/')) return isOurs(to) && !to.startsWith('provisioning/');
    return /^(provisioning\/|@clay\/provisioning)/.test(to) && from !== 'host/cli/commands/admin.ts';
  });
  assert.deepEqual(wrong, []);
});

test('every module of the host belongs to a layer', () => {
  const files = new Set(production.map(({ from }) => from).filter((file) => file.startsWith('host/')));
  const homeless = [...files].filter(
    (file) => layerOf(file) < 0 && !beside.some((folder) => file.startsWith(`host/${folder}/`)),
  );
  assert.deepEqual(homeless, []);
});

test('imports inside the host go down the layers, never up', () => {
  const upward = production.filter(({ from, to }) => {
    if (!from.startsWith('host/') || !to.startsWith('host/')) return false;
    const [above, below] = [layerOf(from), layerOf(to)];
    return above >= 0 && (below < 0 || below < above);
  });
  assert.deepEqual(upward, []);
});

test('no module imports itself in a circle', () => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) assert.fail(`import circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of targets.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) walk(file, []);
});

test('each dependency of the host that is not ours is imported in one module', () => {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'host', 'package.json'), 'utf8'),
  );
  for (const name of Object.keys(manifest.dependencies).filter((name) => !isOurs(name))) {
    const users = new Set(
      production
        .filter(({ from, to }) => layerOf(from) >= 0 && (to === name || to.startsWith(`${name}/`)))
        .map(({ from }) => from),
    );
    // Gemini's client is heavy, and loaded only when it is chosen: it has a door of its own.
    users.delete('host/agent/models/gemini/adk-gemini.ts');
    assert.ok(users.size <= 1, `${name} is imported by ${[...users].join(', ')}`);
  }
});

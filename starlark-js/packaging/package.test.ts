import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'starlark-package-'));
after(() => rmSync(folder, { recursive: true }));

const MOST_BYTES = 400_000;

function run(command: string, given: readonly string[], cwd: string): string {
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`;
  return execFileSync(command, given, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Packs a copy, since packing changes package.json for a moment and others may be reading it. */
function pack(): string {
  const workspace = join(folder, 'workspace');
  const copy = join(workspace, 'starlark-js');
  mkdirSync(copy, { recursive: true });
  for (const name of ['src', 'packaging', 'package.json', 'README.md'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const name of ['LICENSE', 'tsconfig.json']) copyFileSync(join(root, '..', name), join(workspace, name));
  symlinkSync(join(root, '../node_modules'), join(workspace, 'node_modules'));
  const before = readFileSync(join(copy, 'package.json'), 'utf8');
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], copy).replace(/^[^[]*/, ''));
  assert.equal(readFileSync(join(copy, 'package.json'), 'utf8'), before, 'package.json has its workspace form again');
  return join(folder, packed.filename);
}

const program = `import { compile, HostFunction, Thread, type Value } from 'starlark-js';

const double = new HostFunction('double(x: int) -> int', (x: number) => x * 2);
const { program } = compile('def main(x):\\n    return double(x) + 1\\n', { predeclared: { double } });
const result: Value | undefined = program?.run(new Thread()).call('main', [20]);
console.log(result);
`;

test('the packed package works in an empty project, types included, and is small', { timeout: 120_000 }, () => {
  const tarball = pack();
  assert.ok(statSync(tarball).size < MOST_BYTES, `${statSync(tarball).size} bytes`);
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], project);
  writeFileSync(join(project, 'main.ts'), program);
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'esnext',
    types: [],
    lib: ['esnext', 'dom'],
    skipLibCheck: false,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }));
  run(process.execPath, [join(root, '../node_modules/typescript/bin/tsc'), '-p', '.'], project);
  assert.equal(run(process.execPath, ['main.ts'], project), '41\n');
  assert.equal(run(join(project, 'node_modules/.bin/starlark'), ['run', '-c', 'print(1 + 1)'], project), '2\n');
});

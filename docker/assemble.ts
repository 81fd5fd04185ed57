// Puts together what an image holds of ours, below OUTDIR: `opt/clay` (the bundle, and the packages that it needs
// beside it) and `app` (the folders of the volumes, and the sources that the agent may read).
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundle } from '../host/bundle/bundle.ts';

const root = dirname(import.meta.dirname);
/** What the bundle leaves out, and what plugins are built and checked with. */
const packages = ['better-sqlite3', 'esbuild', 'typescript', '@opentelemetry/api', '@clay/sdk', 'zod', '@types/node'];
/** Needed by nobody who does not compile it. */
const unwanted = new Set(['node-addon-api']);
const sources = ['sdk', 'plugins', 'examples', 'starlark-stdlib', 'starlark-js', 'host'];
const volumes = ['data', 'soul', 'public', 'builds'];

interface PackageJson {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): PackageJson => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The prebuilt addons of better-sqlite3 are named after the platform, and after the C library on Linux. */
function platform(): string {
  const report = process.report.getReport() as unknown as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  const isMusl = process.platform === 'linux' && report.header.glibcVersionRuntime === undefined;
  return `${process.platform}${isMusl ? 'musl' : ''}-${process.arch}`;
}

function copyPackages(target: string): void {
  const copied = new Set<string>();
  const copy = (name: string, isOptional: boolean): void => {
    const folder = join(root, 'node_modules', name);
    if (copied.has(name) || unwanted.has(name)) return;
    if (!existsSync(folder)) {
      // One of those for other platforms.
      if (isOptional) return;
      throw new Error(`The package ${name} is not installed in ${root}: run npm ci.`);
    }
    copied.add(name);
    cpSync(realpathSync(folder), join(target, name), { recursive: true, filter: (file) => isNeeded(file) });
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(folder);
    for (const one of Object.keys(dependencies)) copy(one, Object.hasOwn(optionalDependencies, one));
    for (const one of Object.keys(optionalDependencies)) copy(one, true);
  };
  for (const name of packages) copy(name, false);
}

function isNeeded(file: string): boolean {
  if (/\/better-sqlite3\/(src|deps)$/.test(file)) return false;
  if (/\/better-sqlite3\/prebuilds\/[^/]+\.node$/.test(file)) return basename(file) === `${platform()}.node`;
  return !/\.test\.ts$|\/sdk\/node_modules$/.test(file);
}

/** Without tests, and without what only tests use. */
function copySources(target: string): void {
  const skipped = /\/(node_modules|dist|testdata|\.peers|bench)$|\.test\.ts$/;
  for (const folder of sources)
    cpSync(join(root, folder), join(target, folder), { recursive: true, filter: (file) => !skipped.test(file) });
  for (const file of ['ARCHITECTURE.md', 'README.md', 'LICENSE']) cpSync(join(root, file), join(target, file));
}

// Whoever runs the claw reads it.
process.umask(0o022);
const [outdir] = process.argv.slice(2);
if (outdir === undefined) throw new Error('usage: node docker/assemble.ts OUTDIR');
if (existsSync(outdir) && readdirSync(outdir).length > 0) throw new Error(`${outdir} is not empty`);
const [program, app] = [join(outdir, 'opt', 'clay'), join(outdir, 'app')];
mkdirSync(program, { recursive: true });
await bundle(root, join(program, 'bundle'));
copyPackages(join(program, 'node_modules'));
copySources(join(app, 'src'));
for (const name of volumes) mkdirSync(join(app, name));
const { version } = manifestOf(root);
// The original's name for the version of what ships, beside the plain one.
for (const name of ['VERSION', 'core-version']) writeFileSync(join(app, name), `${version}\n`);
for (const name of ['clay', 'health']) cpSync(join(root, 'docker', name), join(program, name));
cpSync(join(root, 'LICENSE'), join(program, 'LICENSE'));
rmSync(join(program, 'bundle', 'compile-cache'), { recursive: true, force: true });

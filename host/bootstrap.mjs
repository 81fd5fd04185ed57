// What runs before anything else does, on whatever Node (20 or newer) starts npm: installs what is missing, bundles
// what has changed, then hands over to the pinned Node. Node builtins only.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, supervise } from './launch.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundles = join(root, 'host', 'dist', 'bundle');
const installStamp = join(root, 'node_modules', '.clay-install');
/** Holds the pid of the command that installs; outside of `node_modules`, which npm removes. */
const installLock = join(root, 'host', 'dist', 'installing');
const lockPollMs = 250;
const keptBundles = 3;
/** Beside a bundle that a claw runs on, with its pid: `<bundle>.<pid>.used`. */
const usedMark = '.used';
const bundledFolders = ['host', 'sdk', 'plugins', 'starlark-js', 'starlark-stdlib', 'provisioning'];
const testedFolders = [...bundledFolders, 'docker', 'examples'];
const oldestNode = 20;
const pinnedMajor = 26;

function fail(message) {
  process.stderr.write(`clay: ${message}\n`);
  process.exit(1);
}

function say(message) {
  process.stderr.write(`clay: ${message}\n`);
}

function digest(texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function ensureInstalled() {
  const want = digest([readFileSync(join(root, 'package-lock.json'))]);
  if (readStamp(installStamp) === want) return;
  takeInstallLock();
  try {
    const problem = readStamp(installStamp) === want ? null : install(want);
    if (problem === null) return;
    say(problem);
  } finally {
    rmSync(installLock, { force: true });
  }
  process.exit(1);
}

/** Two that install at once, such as "npm start" and the first "npm run chat", would remove each other's packages. */
function takeInstallLock() {
  mkdirSync(dirname(installLock), { recursive: true });
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(installLock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isRunning(Number(readStamp(installLock)))) rmSync(installLock, { force: true });
    else {
      if (tries === 0) say('another command is installing dependencies; waiting for it …');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPollMs);
    }
  }
}

/** Gives what went wrong; null: nothing. */
function install(want) {
  say('installing dependencies (npm ci); this takes about half a minute …');
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const result = spawnSync(command[0], command[1], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.error) return `npm could not be started: ${result.error.message}`;
  if (result.status !== 0)
    return `npm ci failed (exit ${result.status ?? result.signal}); its own message stands above`;
  writeFileSync(installStamp, want);
  return null;
}

/** The Node that npm installed for this platform; the running one where none is published, if it is new enough. */
function findNode() {
  const pinned = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= pinnedMajor) return process.execPath;
  return fail(
    `npm has no Node ${pinnedMajor} for ${process.platform}-${process.arch}, and the one running is ${process.version}. ` +
      `Install Node ${pinnedMajor} or newer and try again.`,
  );
}

function sourceFiles(folder, found = []) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sourceFiles(path, found);
    else if (!entry.name.endsWith('.test.ts')) found.push(path);
  }
  return found;
}

/**
 * Gives the folder of the bundle of the sources as they are. Every bundle has a folder of its own and appears by a
 * rename, so that a running host never loses a chunk that it has yet to load.
 */
function ensureBundle(node) {
  const lines = bundledFolders
    .flatMap((folder) => sourceFiles(join(root, folder)))
    .map((path) => {
      const { mtimeMs, size } = statSync(path);
      return `${relative(root, path)} ${mtimeMs} ${size}`;
    });
  const folder = join(bundles, digest([readFileSync(installStamp), ...lines.sort()]).slice(0, 16));
  if (existsSync(folder)) return folder;
  say('bundling …');
  // Two commands may bundle at once: each builds its own, and the first to finish gives it its name.
  const made = `${folder}.${process.pid}`;
  const result = spawnSync(node, [join(root, 'host', 'bundle', 'main.ts'), made], {
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('bundling failed; the message stands above');
  try {
    renameSync(made, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(made, { recursive: true });
  }
  removeOldBundles();
  return folder;
}

/** A claw that runs loads parts of its bundle only when it needs them: what a living process uses stays. */
function removeOldBundles() {
  const names = readdirSync(bundles);
  const used = new Set();
  for (const name of names.filter((one) => one.endsWith(usedMark))) {
    const [bundle, pid] = name.split('.');
    if (isRunning(Number(pid))) used.add(bundle);
    else rmSync(join(bundles, name), { force: true });
  }
  const old = names
    .filter((name) => !name.endsWith(usedMark) && !used.has(name))
    .map((name) => join(bundles, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .slice(keptBundles);
  for (const path of old) rmSync(path, { recursive: true, force: true });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a command to its end with our own input and output; passes signals on and ends as it ends. */
function handOver(command, args, env = {}) {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/** As handOver, but leaves no process behind that only waits: this one becomes the command, where its Node can do that. */
function become(command, args, env) {
  if (process.execve === undefined || process.platform === 'win32') return handOver(command, args, env);
  return process.execve(command, [command, ...args], { ...process.env, ...env });
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** The command line of Clay, bundled. Only the claw itself needs somebody who starts it again. */
function clay(node, args) {
  const bundle = ensureBundle(node);
  const how = args[0] === 'start' ? supervise(node, bundle, args) : launch(bundle, args);
  if (args[0] === 'start') writeFileSync(`${bundle}.${process.pid}${usedMark}`, '');
  become(node, how.args, { CLAY_ROOT: process.env.CLAY_ROOT || join(root, '.clay'), ...how.env });
}

/** Everything, or the test files named. */
function test(node, files) {
  if (files.length === 0) {
    const bin = join(root, 'node_modules', '.bin');
    say('type check');
    run(join(bin, 'tsc'), ['--noEmit']);
    say('lint');
    run(join(bin, 'biome'), ['check', '--error-on-warnings', '.']);
    say('tests');
  }
  const patterns = files.length > 0 ? files : [`{${testedFolders.join(',')}}/**/*.test.ts`];
  // Most files wait for processes more than they compute: on two cores, two at a time.
  const concurrency = Math.max(2, availableParallelism() - 1);
  handOver(node, ['--test', '--test-timeout=300000', `--test-concurrency=${concurrency}`, ...patterns], {
    CLAY_BUNDLE: ensureBundle(node),
  });
}

function dev(_, args) {
  const tsx = join(root, 'node_modules', '.bin', 'tsx');
  handOver(tsx, ['watch', '--clear-screen=false', join(root, 'host', 'cli', 'bin.ts'), 'start', ...args], {
    CLAY_ROOT: process.env.CLAY_ROOT || join(root, '.clay'),
  });
}

/** The benchmarks of every workspace that has some, one after another. */
function bench(node, args) {
  const workspaces = args.length > 0 ? args.flatMap((name) => ['-w', name]) : ['--workspaces', '--if-present'];
  handOver('npm', ['run', '--silent', 'bench', ...workspaces], { CLAY_BUNDLE: ensureBundle(node) });
}

function benchPeers(node) {
  handOver('npm', ['run', '--silent', 'bench:peers', '-w', 'host'], { CLAY_BUNDLE: ensureBundle(node) });
}

const commands = {
  start: (node, args) => clay(node, ['start', ...args]),
  clay,
  build: ensureBundle,
  test,
  dev,
  bench,
  'bench:peers': benchPeers,
};

if (Number.parseInt(process.versions.node, 10) < oldestNode)
  fail(`Node ${oldestNode} or newer is needed to start; this is ${process.version}.`);
const [name = 'start', ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) fail(`unknown command ${name}; there are ${Object.keys(commands).join(', ')}`);
ensureInstalled();
command(findNode(), args);

// Fetches the ADK web UI for the addresses /dev-ui/ and /ui/: the npm package's browser folder and nothing else of it.
// Plain JavaScript for any Node from 20 on. Usage: node host/gateway/fetch-ui.mjs [FOLDER], default
// `dev-ui` in CLAY_ROOT, where the host looks for it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const uiPackage = '@google/adk-devtools@2.0.0';
const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const target = resolve(process.argv[2] ?? join(process.env.CLAY_ROOT || join(checkout, '.clay'), 'dev-ui'));

function fail(message) {
  process.stderr.write(`clay: ${message}\n`);
  process.exit(1);
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${command} ${args.join(' ')} failed:\n${result.stderr}`);
}

mkdirSync(dirname(target), { recursive: true });
// Beside the target, so that the last step is a rename within one file system.
const temporary = mkdtempSync(`${target}-`);
try {
  run('npm', ['pack', uiPackage, '--silent'], temporary);
  const archive = readdirSync(temporary).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) fail(`npm pack ${uiPackage} made no archive`);
  run('tar', ['-xzf', archive, 'package/dist/browser', 'package/LICENSE'], temporary);
  const browser = join(temporary, 'package', 'dist', 'browser');
  if (!existsSync(join(browser, 'index.html'))) fail(`${uiPackage} has no dist/browser/index.html`);
  cpSync(join(temporary, 'package', 'LICENSE'), join(browser, 'LICENSE'));
  rmSync(target, { recursive: true, force: true });
  renameSync(browser, target);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.stdout.write(`The ADK web UI is in ${target}. Restart the claw and open /dev-ui/.\n`);

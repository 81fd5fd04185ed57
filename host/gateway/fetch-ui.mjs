// Fetches the ADK web UI for the addresses /dev-ui/ and /ui/: the npm package's browser folder and nothing else of it, with
// the icon fonts beside it that it would have taken from Google at every visit. Plain JavaScript for any Node from 20 on.
// Usage: node host/gateway/fetch-ui.mjs [FOLDER], default `dev-ui` in CLAY_ROOT, where the host looks for it.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const uiPackage = '@google/adk-devtools@2.0.0';
const fonts = [
  { family: 'Material Icons', source: '@fontsource/material-icons@5.3.0', name: 'material-icons' },
  {
    family: 'Material Symbols Outlined',
    source: '@fontsource/material-symbols-outlined@5.3.8',
    name: 'material-symbols-outlined',
  },
];

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

/** Unpacks some paths of an npm package; gives the folder that they are in. */
function unpack(source, paths, within) {
  const folder = mkdtempSync(join(within, 'package-'));
  run('npm', ['pack', source, '--silent'], folder);
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) fail(`npm pack ${source} made no archive`);
  run('tar', ['-xzf', archive, ...paths.map((path) => `package/${path}`)], folder);
  return join(folder, 'package');
}

/** The page's styles name Google's servers: its icons are taken from here, its text from the fonts of the machine. */
function useLocalFonts(html) {
  return html.replace(/<link rel="preconnect"[^>]*>\s*/g, '').replace(/@font-face\{[^}]*\}/g, (rule) => {
    const font = fonts.find(({ family }) => rule.includes(`font-family:'${family}'`));
    return font === undefined ? '' : rule.replace(/url\([^)]*\)/, `url(fonts/${font.name}.woff2)`);
  });
}

mkdirSync(dirname(target), { recursive: true });
// Beside the target, so that the last step is a rename within one file system.
const temporary = mkdtempSync(`${target}-`);
try {
  const ui = unpack(uiPackage, ['dist/browser', 'LICENSE'], temporary);
  const browser = join(ui, 'dist', 'browser');
  const index = join(browser, 'index.html');
  if (!existsSync(index)) fail(`${uiPackage} has no dist/browser/index.html`);
  copyFileSync(join(ui, 'LICENSE'), join(browser, 'LICENSE'));
  mkdirSync(join(browser, 'fonts'));
  for (const { source, name } of fonts) {
    const file = `files/${name}-latin-400-normal.woff2`;
    const folder = unpack(source, [file, 'LICENSE'], temporary);
    copyFileSync(join(folder, file), join(browser, 'fonts', `${name}.woff2`));
    copyFileSync(join(folder, 'LICENSE'), join(browser, 'fonts', `${name}.LICENSE`));
  }
  writeFileSync(index, useLocalFonts(readFileSync(index, 'utf8')));
  rmSync(target, { recursive: true, force: true });
  renameSync(browser, target);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.stdout.write(`The ADK web UI is in ${target}. Restart the claw and open /dev-ui/.\n`);

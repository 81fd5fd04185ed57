import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildSync } from 'esbuild';
import { sourceFrame } from './source-frame.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-frame-'));
after(() => rmSync(folder, { recursive: true }));

test('a frame of a bundle is told as a place in the source', () => {
  const source = join(folder, 'spin.ts');
  const bundle = join(folder, 'out', 'spin.mjs');
  writeFileSync(source, 'interface Unused {}\n\nexport function spin(): number {\n  return Math.random();\n}\n');
  buildSync({ entryPoints: [source], outfile: bundle, bundle: true, format: 'esm', minify: true, sourcemap: 'linked' });
  const script = `
    import ${JSON.stringify(bundle)};
    import { sourceFrame } from ${JSON.stringify(join(import.meta.dirname, 'source-frame.ts'))};
    process.stdout.write(sourceFrame('spin (${bundle}:1:22)'));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, [
    '--enable-source-maps',
    '--input-type=module',
    '--eval',
    script,
  ]);
  assert.match(stdout.toString(), /^spin \(.*\/spin\.ts:[34]:\d+\)$/, stderr.toString());
});

test('what is no place in a known bundle stays as it is', () => {
  for (const frame of ['listOnTimeout (node:internal/timers:685:17)', 'a function (/nowhere.mjs:1:1)', 'nothing'])
    assert.equal(sourceFrame(frame), frame);
});

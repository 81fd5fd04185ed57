import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { sourceProgram } from './source-program.ts';

const plugin = join(mkdtempSync(join(tmpdir(), 'clay-sources-')), `made-${process.pid}`);
mkdirSync(plugin);

function write(description: string, manifest: object = {}): void {
  const tool = `{ name: 'say', description: '${description}', parameters: { type: 'object' }, run: () => 'said' }`;
  const source = `import { definePlugin } from '@clay/sdk';\nexport default definePlugin({ name: 'made', setup: (ctx) => ctx.tool(${tool}) });\n`;
  writeFileSync(join(plugin, 'index.ts'), source);
  writeFileSync(
    join(plugin, 'plugin.json'),
    JSON.stringify({ name: 'made', placement: 'process', idle: 'sleep', ...manifest }),
  );
}

let programs = '';
after(() => {
  rmSync(dirname(plugin), { recursive: true });
  for (const name of readdirSync(programs))
    if (name.startsWith(basename(plugin))) rmSync(join(programs, name), { recursive: true });
});

test('a program is made of sources once, again when they have changed, and of the last few it stays', async () => {
  write('Says it.');
  const first = await sourceProgram(plugin);
  programs = dirname(first);
  assert.equal(await sourceProgram(plugin), first);
  assert.equal(readFileSync(join(first, 'main.sha256'), 'utf8').length, 64);
  assert.match(readFileSync(join(first, 'declarations.json'), 'utf8'), /Says it\./);
  const others: string[] = [];
  for (const description of ['Says more.', 'Says most.', 'Says all.']) {
    write(description);
    others.push(await sourceProgram(plugin));
  }
  assert.equal(new Set([first, ...others]).size, 4);
  assert.deepEqual([first, ...others].map(existsSync), [false, true, true, true]);
});

test('one that stays awake brings no declarations: it is asked for them', async () => {
  write('Says it awake.', { idle: 'stay' });
  const folder = await sourceProgram(plugin);
  assert.ok(existsSync(join(folder, 'main.mjs')) && !existsSync(join(folder, 'declarations.json')));
});

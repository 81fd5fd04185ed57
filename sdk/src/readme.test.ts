import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { errorCodes } from './errors.ts';
import { hostFunctions } from './permissions.ts';

const sdk = dirname(import.meta.dirname);
const read = (file: string) => readFileSync(join(sdk, file), 'utf8');
const examplesOf = (markdown: string) => [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

test('the examples of the README are a plugin and its passing test', () => {
  const [plugin, itsTest] = examplesOf(read('README.md'));
  // Inside the package, where its own name resolves.
  const folder = mkdtempSync(join(sdk, '.readme-'));
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.ts'), plugin!);
    writeFileSync(join(folder, 'index.test.ts'), itsTest!);
    // A test run inside a test run reports to its parent, unless it does not know.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--test', '--test-reporter=tap', join(folder, 'index.test.ts')],
      {
        encoding: 'utf8',
        env,
      },
    );
    assert.equal(status, 0, stdout);
    assert.match(stdout, /# pass 1/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the smallest plugin of the README has at most twelve lines of its own', () => {
  const [plugin] = examplesOf(read('README.md'));
  const own = plugin!.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import'));
  assert.ok(own.length <= 12, `${own.length} lines`);
});

test('wire.md names every message, every host function that plugins have, and every state of a call', () => {
  const page = read('wire.md');
  const messages = read('src/wire/message.ts');
  for (const [, type] of messages.matchAll(/readonly type: '([a-z]+)'/g))
    assert.ok(page.includes(`\`${type}\``), `the message ${type}`);
  for (const name of Object.keys(hostFunctions).filter((one) => /^(store|call|http|fs|secrets)/.test(one)))
    assert.ok(page.includes(`\`${name}\``), name);
  for (const code of page.matchAll(/`([A-Z]+_[A-Z_]+)`/g))
    assert.ok(Object.hasOwn(errorCodes, code[1]!), `the code ${code[1]}`);
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { runCommand } from '../../src/cli/command.ts';

/**
 * Each script makes one mistake of somebody who thinks in Python; its golden file holds what `starlark check` answers.
 * `UPDATE_GOLDEN=1` writes the answers anew, for review.
 */
const scripts = join(import.meta.dirname, 'scripts');
const golden = join(import.meta.dirname, 'golden');
const isUpdate = process.env.UPDATE_GOLDEN === '1';

async function check(name: string): Promise<{ code: number; answer: string }> {
  let answer = '';
  const write = (text: string): void => {
    answer += text;
  };
  const terminal = { folder: scripts, hasColor: false, out: write, err: write, readInput: () => '' };
  return { code: await runCommand(terminal, ['check', name]), answer };
}

const names = readdirSync(scripts).filter((name) => name.endsWith('.star'));

test('there are at least twenty habits', () => {
  assert.ok(names.length >= 20, `${names.length} scripts`);
});

for (const name of names) {
  test(`check answers ${name} with its line and what to write instead`, async () => {
    const { code, answer } = await check(name);
    const file = join(golden, name.replace(/star$/, 'txt'));
    if (isUpdate) writeFileSync(file, answer);
    assert.equal(answer, readFileSync(file, 'utf8'));
    assert.equal(code, 1);
    assert.ok(answer.startsWith(`${name}:`), 'the first line names the file and the line');
    assert.match(answer, /^hint: |did you mean/m);
  });
}

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(import.meta.dirname, 'OPERATE.md'), 'utf8');
const rows = [...page.matchAll(/^\| ([SDO]\d+)\b[^|]*\|[^|]*\| (.+) \|$/gm)].map(([, fault, shown]) => ({
  fault: fault!,
  shown: shown!,
}));

test('the page goes through every fault of the original that an operator would meet', () => {
  const expected = [...numbered('S', 17), ...numbered('D', 8), ...numbered('O', 11)];
  assert.deepEqual([...new Set(rows.map(({ fault }) => fault))], expected);
});

test('each fault’s row names a test that is there', () => {
  const wrong = rows.filter(({ shown }) => {
    const [, file, name] = /^`([^`]+)`: (.+)$/.exec(shown) ?? [];
    if (file === undefined || name === undefined) return shown !== '–';
    if (!existsSync(join(root, file))) return true;
    return !readFileSync(join(root, file), 'utf8').includes(name);
  });
  assert.deepEqual(wrong, []);
});

function numbered(letter: string, last: number): readonly string[] {
  return Array.from({ length: last }, (_unused, index) => `${letter}${index + 1}`);
}

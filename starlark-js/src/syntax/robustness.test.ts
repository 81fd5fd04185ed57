import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readSeed } from '../../test/fuzz/seed.ts';
import { defaultDialect } from './dialect.ts';
import { parse } from './parse.ts';
import { Source } from './source.ts';
import { TOKEN_COUNT, tokenText } from './token.ts';

const seed = readSeed();

function createRandom(start: number): (limit: number) => number {
  let state = start;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const words = [
  ...Array.from({ length: TOKEN_COUNT }, (_, kind) => tokenText[kind] ?? '').filter((text) => text !== ''),
  ...[
    'x',
    'y1',
    '0',
    '1.5',
    '0x',
    '1e',
    '"a"',
    "'",
    '"""',
    'f"',
    'f"{',
    'b"\\xff"',
    '\\',
    '#c',
    '\n',
    '\n  ',
    '\n\t',
    '\r',
    ' ',
  ],
  ...['\0', '\u2028', '\ud800', 'é', '@', '?', '$', '`', '{x!r:>3}', '}}', ':='],
];

/** Every node lies inside its parent and inside the source. */
function checkSpans(node: unknown, start: number, end: number, path: string): void {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return;
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) checkSpans(item, start, end, `${path}[${index}]`);
    return;
  }
  let [from, to] = [start, end];
  if ('start' in node && 'end' in node) {
    [from, to] = [Number(node.start), Number(node.end)];
    assert.ok(start <= from && from <= to && to <= end, `${path}: ${from}..${to} outside ${start}..${end}`);
  }
  for (const [key, child] of Object.entries(node)) checkSpans(child, from, to, `${path}.${key}`);
}

function checkParse(text: string): void {
  const { file, diagnostics } = parse(new Source('t.star', text), defaultDialect);
  checkSpans(file, 0, text.length, 'file');
  let last = 0;
  for (const found of diagnostics) {
    assert.ok(found.start >= last && found.end >= found.start && found.end <= text.length, found.message);
    assert.ok(found.line >= 1 && found.column >= 1 && found.message !== '');
    last = found.start;
  }
}

test(`random tokens never break the parser (FUZZ_SEED=${seed})`, () => {
  const random = createRandom(seed);
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: random(40) }, () => words[random(words.length)] + (random(2) ? ' ' : '')).join(
      '',
    );
    try {
      checkParse(text);
    } catch (error) {
      throw new Error(`parsing ${JSON.stringify(text)}`, { cause: error });
    }
  }
});

test(`programs with random damage never break the parser (FUZZ_SEED=${seed})`, () => {
  const random = createRandom(seed);
  const root = join(import.meta.dirname, '../../test');
  const texts = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.star'))
    .map((name) => readFileSync(join(root, name), 'utf8').slice(0, 2000));
  for (const text of texts) checkParse(text);
  for (let round = 0; round < 1000; round++) {
    let text = texts[random(texts.length)] ?? '';
    for (let cut = 0; cut <= random(3); cut++) {
      const at = random(text.length + 1);
      text = text.slice(0, at) + (random(2) ? words[random(words.length)] : '') + text.slice(at + random(4));
    }
    try {
      checkParse(text);
    } catch (error) {
      throw new Error(`parsing ${JSON.stringify(text)}`, { cause: error });
    }
  }
});
